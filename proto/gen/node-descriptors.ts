// Generated from proto/parley/node/v1 by `npm run gen`. Do not edit.

import type { NodeDescriptors } from '../descriptor-types.ts';
import type { NodeMessages } from './node-types.ts';

export const nodeDescriptors = {
  methods: {
    openPipe: { path: '/parley.node.v1.NodeService/OpenPipe', request: 'OpenPipeRequest', response: 'OpenPipeResponse', stream: false },
    closePipe: { path: '/parley.node.v1.NodeService/ClosePipe', request: 'ClosePipeRequest', response: 'ClosePipeResponse', stream: false },
    openTrack: { path: '/parley.node.v1.NodeService/OpenTrack', request: 'OpenTrackRequest', response: 'OpenTrackResponse', stream: false },
    closeTrack: { path: '/parley.node.v1.NodeService/CloseTrack', request: 'CloseTrackRequest', response: 'CloseTrackResponse', stream: false },
    command: { path: '/parley.node.v1.NodeService/Command', request: 'CommandRequest', response: 'CommandResponse', stream: false },
    askCall: { path: '/parley.node.v1.NodeService/AskCall', request: 'AskCallRequest', response: 'AskCallResponse', stream: false },
    ping: { path: '/parley.node.v1.NodeService/Ping', request: 'PingNodeRequest', response: 'PingNodeResponse', stream: false },
    link: { path: '/parley.node.v1.NodeService/Link', request: 'LinkFrame', response: 'LinkFrame', stream: true },
  },
  messages: {
    BusFrame: {
      open: false,
      fields: [
        { name: 'version', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'cluster', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 16 } },
        { name: 'from', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'part', type: 'Part', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'ask', type: 'PartRequest', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'change', type: 'PartChange', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'digest', type: 'Digest', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'ephemeral', type: 'Ephemeral', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'toUsers', type: 'ToUsers', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'control', type: 'Control', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'digests', type: 'Digests', kind: 'single', isMessage: true, optional: false, limits: {} },
      ],
    },
    Part: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'version', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'index', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'last', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'peers', type: 'PartPeer', kind: 'list', isMessage: true, optional: false, limits: {} },
        { name: 'gone', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    PartRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'lives', type: 'string', kind: 'list', isMessage: false, optional: false, limits: { maxItems: 64 } },
      ],
    },
    PartPeer: {
      open: false,
      fields: [
        { name: 'peer', type: 'PeerInfo', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
        { name: 'generation', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: { min: 1 } },
        { name: 'sessionHash', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 64 } },
        { name: 'shapes', type: 'TrackShape', kind: 'list', isMessage: true, optional: false, limits: {} },
      ],
    },
    TrackShape: {
      open: false,
      fields: [
        { name: 'producerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'mimeType', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'clockRate', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'channels', type: 'uint32', kind: 'single', isMessage: false, optional: true, limits: {} },
        { name: 'spatialLayers', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: { max: 8 } },
        { name: 'temporalLayers', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: { max: 8 } },
        { name: 'scales', type: 'double', kind: 'list', isMessage: false, optional: false, limits: { maxItems: 8 } },
      ],
    },
    PartChange: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'version', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'joined', type: 'PartPeer', kind: 'list', isMessage: true, optional: false, limits: {} },
        { name: 'changed', type: 'PeerInfo', kind: 'list', isMessage: true, optional: false, limits: {} },
        { name: 'left', type: 'PeerLeft', kind: 'list', isMessage: true, optional: false, limits: {} },
        { name: 'tracks', type: 'TrackChange', kind: 'list', isMessage: true, optional: false, limits: {} },
        { name: 'moved', type: 'string', kind: 'list', isMessage: false, optional: false, limits: {} },
      ],
    },
    TrackChange: {
      open: false,
      fields: [
        { name: 'peerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'producer', type: 'ProducerInfo', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'shape', type: 'TrackShape', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'closedProducerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 64 } },
      ],
    },
    Digest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'version', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'peers', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    Digests: {
      open: false,
      fields: [
        { name: 'digests', type: 'Digest', kind: 'list', isMessage: true, optional: false, limits: { minItems: 1, maxItems: 512 } },
      ],
    },
    Ephemeral: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'typing', type: 'TypingChanged', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'markers', type: 'MarkersChanged', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'quality', type: 'QualityChanged', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'removal', type: 'Removal', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'digit', type: 'PhoneDigit', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'wish', type: 'PeerWish', kind: 'single', isMessage: true, optional: false, limits: {} },
      ],
    },
    PeerWish: {
      open: false,
      fields: [
        { name: 'peerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'unmute', type: 'UnmuteRequested', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'lowerHand', type: 'bool', kind: 'single', isMessage: false, optional: true, limits: {} },
        { name: 'volumeDb', type: 'double', kind: 'single', isMessage: false, optional: true, limits: { min: -18, max: 12 } },
      ],
    },
    Removal: {
      open: false,
      fields: [
        { name: 'identity', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'explanation', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    ToUsers: {
      open: false,
      fields: [
        { name: 'identities', type: 'string', kind: 'list', isMessage: false, optional: false, limits: { minItems: 1 } },
        { name: 'mentioned', type: 'Mentioned', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'directOpened', type: 'DirectOpened', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'call', type: 'CallTold', kind: 'single', isMessage: true, optional: false, limits: {} },
      ],
    },
    CallTold: {
      open: false,
      fields: [
        { name: 'incoming', type: 'CallIncoming', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'changed', type: 'CallChanged', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'ended', type: 'CallEnded', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'only', type: 'string', kind: 'single', isMessage: false, optional: true, limits: { maxBytes: 64 } },
        { name: 'except', type: 'string', kind: 'single', isMessage: false, optional: true, limits: { maxBytes: 64 } },
      ],
    },
    Control: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'term', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'number', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'activeSpeakerPeerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 64 } },
        { name: 'speakerPeerIds', type: 'string', kind: 'list', isMessage: false, optional: false, limits: {} },
        { name: 'locks', type: 'OwnerLock', kind: 'list', isMessage: true, optional: false, limits: {} },
        { name: 'recorder', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 128 } },
        { name: 'recording', type: 'RecordingInfo', kind: 'single', isMessage: true, optional: false, limits: {} },
      ],
    },
    OwnerLock: {
      open: false,
      fields: [
        { name: 'owner', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'locks', type: 'string', kind: 'list', isMessage: false, optional: false, limits: { maxItems: 3, in: ['sound', 'camera', 'screen'] } },
      ],
    },
    LinkFrame: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 128 } },
        { name: 'keepAlive', type: 'KeepAlive', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'data', type: 'LinkData', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'levels', type: 'Levels', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'floor', type: 'Floor', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'layerWanted', type: 'LayerWanted', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'voicesHeard', type: 'VoicesHeard', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'speakers', type: 'Speakers', kind: 'single', isMessage: true, optional: false, limits: {} },
      ],
    },
    KeepAlive: {
      open: false,
      fields: [
        { name: 'seq', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'echo', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    LinkData: {
      open: false,
      fields: [
        { name: 'fromPeerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'toPeerIds', type: 'string', kind: 'list', isMessage: false, optional: false, limits: { maxItems: 64 } },
        { name: 'topic', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 64 } },
        { name: 'payload', type: 'bytes', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 262144 } },
        { name: 'reliable', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    Levels: {
      open: false,
      fields: [
        { name: 'voices', type: 'VoiceLevel', kind: 'list', isMessage: true, optional: false, limits: { maxItems: 1000 } },
        { name: 'exemptProducerIds', type: 'string', kind: 'list', isMessage: false, optional: false, limits: { maxItems: 1000 } },
      ],
    },
    VoiceLevel: {
      open: false,
      fields: [
        { name: 'producerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'level', type: 'double', kind: 'single', isMessage: false, optional: false, limits: { min: -127, max: 0 } },
        { name: 'silentMs', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    Floor: {
      open: false,
      fields: [
        { name: 'term', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'number', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'producerIds', type: 'string', kind: 'list', isMessage: false, optional: false, limits: { maxItems: 1000 } },
      ],
    },
    VoicesHeard: {
      open: false,
      fields: [
        { name: 'voices', type: 'VoiceLevel', kind: 'list', isMessage: true, optional: false, limits: { maxItems: 64 } },
        { name: 'speakerProducerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 64 } },
      ],
    },
    Speakers: {
      open: false,
      fields: [
        { name: 'term', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'number', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'activePeerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 64 } },
        { name: 'peerIds', type: 'string', kind: 'list', isMessage: false, optional: false, limits: { maxItems: 64 } },
      ],
    },
    LayerWanted: {
      open: false,
      fields: [
        { name: 'producerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'spatialLayer', type: 'int32', kind: 'single', isMessage: false, optional: false, limits: { min: -1, max: 7 } },
      ],
    },
    PipeOffer: {
      open: false,
      fields: [
        { name: 'ip', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'port', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: { min: 1, max: 65535 } },
        { name: 'cryptoSuite', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 32 } },
        { name: 'sealedKey', type: 'bytes', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
      ],
    },
    OpenPipeRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'pipeId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'offer', type: 'PipeOffer', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
      ],
    },
    OpenPipeResponse: {
      open: false,
      fields: [
        { name: 'offer', type: 'PipeOffer', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
      ],
    },
    ClosePipeRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'pipeId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
      ],
    },
    ClosePipeResponse: {
      open: false,
      fields: [
      ],
    },
    OpenTrackRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'pipeId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'producerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
      ],
    },
    OpenTrackResponse: {
      open: false,
      fields: [
        { name: 'kind', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, in: ['audio', 'video'] } },
        { name: 'rtpParameters', type: 'RtpParameters', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
        { name: 'paused', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    CloseTrackRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'pipeId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'producerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
      ],
    },
    CloseTrackResponse: {
      open: false,
      fields: [
      ],
    },
    CommandRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'term', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'muteProducer', type: 'MuteProducer', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'setLock', type: 'SetLock', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'setRecording', type: 'SetRecording', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'stopRecording', type: 'StopRecording', kind: 'single', isMessage: true, optional: false, limits: {} },
      ],
    },
    CommandResponse: {
      open: false,
      fields: [
        { name: 'result', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 16384 } },
      ],
    },
    MuteProducer: {
      open: false,
      fields: [
        { name: 'producerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'muted', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'lock', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    SetLock: {
      open: false,
      fields: [
        { name: 'owner', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'lock', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['sound', 'camera', 'screen'] } },
        { name: 'locked', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    SetRecording: {
      open: false,
      fields: [
        { name: 'recorder', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'recording', type: 'RecordingInfo', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'over', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    StopRecording: {
      open: false,
      fields: [
        { name: 'recordingId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'identity', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 256 } },
        { name: 'name', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 512 } },
      ],
    },
    AskCallRequest: {
      open: false,
      fields: [
        { name: 'ask', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 32 } },
        { name: 'content', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 65536 } },
      ],
    },
    AskCallResponse: {
      open: false,
      fields: [
        { name: 'answer', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 65536 } },
      ],
    },
    PingNodeRequest: {
      open: false,
      fields: [
      ],
    },
    PingNodeResponse: {
      open: false,
      fields: [
        { name: 'life', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 128 } },
        { name: 'alive', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
  },
} as const satisfies NodeDescriptors<keyof NodeMessages>;
