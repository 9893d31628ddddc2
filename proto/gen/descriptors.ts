// Generated from proto/parley/v1 by `npm run gen`. Do not edit.

import type { ContractDescriptors } from '../descriptor-types.ts';
import type { EventName, MethodName } from './types.ts';

export const descriptors: ContractDescriptors<MethodName, EventName> = {
  methods: {
    'call.start': { request: 'StartCallRequest', response: 'CallInfo', policy: { perSecond: 2, burst: 10, timeoutMs: 10000 } },
    'call.accept': { request: 'AcceptCallRequest', response: 'CallInfo', policy: { perSecond: 5, burst: 20, timeoutMs: 10000 } },
    'call.decline': { request: 'DeclineCallRequest', response: 'CallDone', policy: { perSecond: 5, burst: 20, timeoutMs: 10000 } },
    'call.end': { request: 'EndCallRequest', response: 'CallDone', policy: { perSecond: 5, burst: 20, timeoutMs: 10000 } },
    'call.add': { request: 'AddToCallRequest', response: 'CallInfo', policy: { perSecond: 2, burst: 10, timeoutMs: 10000 } },
    'call.transfer': { request: 'TransferCallRequest', response: 'CallInfo', policy: { perSecond: 2, burst: 10, timeoutMs: 10000 } },
    'call.hold': { request: 'HoldCallRequest', response: 'CallInfo', policy: { perSecond: 5, burst: 20, timeoutMs: 10000 } },
    'call.mute': { request: 'MuteCallRequest', response: 'CallInfo', policy: { perSecond: 5, burst: 20, timeoutMs: 10000 } },
    'call.sendDigits': { request: 'SendDigitsRequest', response: 'CallDone', policy: { perSecond: 5, burst: 30, timeoutMs: 10000 } },
    'call.current': { request: 'CurrentCallsRequest', response: 'CurrentCallsResponse', policy: { perSecond: 5, burst: 20, timeoutMs: 10000 } },
    'call.list': { request: 'ListCallsRequest', response: 'ListCallsResponse', policy: { perSecond: 5, burst: 20, timeoutMs: 10000 } },
    'chat.send': { request: 'SendMessageRequest', response: 'Receipt', policy: { requires: 'chat', perSecond: 10, burst: 40, timeoutMs: 10000 } },
    'chat.edit': { request: 'EditMessageRequest', response: 'Receipt', policy: { requires: 'chat', perSecond: 5, burst: 20, timeoutMs: 10000 } },
    'chat.delete': { request: 'DeleteMessageRequest', response: 'Receipt', policy: { requires: 'chat', perSecond: 5, burst: 50, timeoutMs: 10000 } },
    'chat.react': { request: 'ReactRequest', response: 'Receipt', policy: { requires: 'chat', perSecond: 10, burst: 40, timeoutMs: 10000 } },
    'chat.mark': { request: 'MarkRequest', response: 'MarkResponse', policy: { requires: 'join', perSecond: 10, burst: 50 } },
    'chat.listMarkers': { request: 'ListMarkersRequest', response: 'ListMarkersResponse', policy: { requires: 'history', perSecond: 5, burst: 50, timeoutMs: 10000 } },
    'chat.setTyping': { request: 'SetTypingRequest', response: 'SetTypingResponse', policy: { requires: 'chat', perSecond: 2, burst: 10 } },
    'chat.openDirect': { request: 'OpenDirectRequest', response: 'OpenDirectResponse', policy: { perSecond: 2, burst: 20, timeoutMs: 10000 } },
    'chat.listDirects': { request: 'ListDirectsRequest', response: 'ListDirectsResponse', policy: { perSecond: 2, burst: 10, timeoutMs: 10000 } },
    'log.sync': { request: 'SyncRequest', response: 'SyncResponse', policy: { perSecond: 20, burst: 200, timeoutMs: 15000 } },
    'log.read': { request: 'ReadLogRequest', response: 'ReadLogResponse', policy: { requires: 'history', perSecond: 20, burst: 100, timeoutMs: 10000 } },
    'log.search': { request: 'SearchRequest', response: 'SearchResponse', policy: { requires: 'history', perSecond: 5, burst: 20, timeoutMs: 10000 } },
    'data.open': { request: 'OpenDataRequest', response: 'OpenDataResponse', policy: { requires: 'join', perSecond: 2, burst: 10 } },
    'direct.signal': { request: 'DirectSignalRequest', response: 'DirectSignalResponse', policy: { requires: 'join', perSecond: 50, burst: 200 } },
    'direct.report': { request: 'DirectReport', response: 'DirectSignalResponse', policy: { requires: 'join', perSecond: 2, burst: 10 } },
    'quality.report': { request: 'QualityReport', response: 'QualityReportResponse', policy: { requires: 'join', perSecond: 1, burst: 5 } },
    'quality.get': { request: 'GetQualityRequest', response: 'RoomQuality', policy: { requires: 'moderate', perSecond: 1, burst: 5 } },
    'recording.start': { request: 'StartRecordingRequest', response: 'RecordingInfo', policy: { requires: 'record', perSecond: 1, burst: 5, timeoutMs: 10000 } },
    'recording.stop': { request: 'RecordingRequest', response: 'RecordingInfo', policy: { requires: 'record', perSecond: 1, burst: 5, timeoutMs: 10000 } },
    'recording.list': { request: 'ListRecordingsRequest', response: 'ListRecordingsResponse', policy: { requires: 'record', perSecond: 1, burst: 5 } },
    'recording.delete': { request: 'RecordingRequest', response: 'RecordingDone', policy: { requires: 'record', perSecond: 1, burst: 5 } },
    'room.join': { request: 'JoinRequest', response: 'RoomSnapshot', policy: { perSecond: 20, burst: 1000, timeoutMs: 10000 } },
    'room.leave': { request: 'LeaveRequest', response: 'LeaveResponse', policy: {} },
    'room.listPeers': { request: 'ListPeersRequest', response: 'ListPeersResponse', policy: { requires: 'join', perSecond: 20, burst: 100 } },
    'room.raiseHand': { request: 'RaiseHandRequest', response: 'RaiseHandResponse', policy: { requires: 'join', perSecond: 2, burst: 10 } },
    'sdp.publish': { request: 'PublishRequest', response: 'PublishResponse', policy: { requires: 'join', perSecond: 5, burst: 20, timeoutMs: 10000 } },
    'sdp.subscribe': { request: 'SubscribeRequest', response: 'SdpOffered', policy: { requires: 'subscribe', perSecond: 5, burst: 20, timeoutMs: 10000 } },
    'sdp.select': { request: 'SelectRequest', response: 'SdpDone', policy: { requires: 'subscribe', perSecond: 20, burst: 100 } },
    'sdp.answer': { request: 'AnswerRequest', response: 'SdpDone', policy: { requires: 'subscribe', perSecond: 10, burst: 50 } },
    'sdp.trickle': { request: 'TrickleRequest', response: 'SdpDone', policy: { requires: 'join', perSecond: 50, burst: 200 } },
    'sdp.restartIce': { request: 'SdpSessionRequest', response: 'SdpOffered', policy: { requires: 'subscribe', perSecond: 2, burst: 10 } },
    'sdp.close': { request: 'SdpSessionRequest', response: 'SdpDone', policy: { requires: 'join', perSecond: 10, burst: 40 } },
    'media.createTransport': { request: 'CreateTransportRequest', response: 'CreateTransportResponse', policy: { requires: 'join', perSecond: 5, burst: 20 } },
    'media.connectTransport': { request: 'ConnectTransportRequest', response: 'ConnectTransportResponse', policy: { requires: 'join', perSecond: 5, burst: 20 } },
    'media.restartIce': { request: 'RestartIceRequest', response: 'RestartIceResponse', policy: { requires: 'join', perSecond: 2, burst: 10 } },
    'media.produce': { request: 'ProduceRequest', response: 'ProduceResponse', policy: { requires: 'join', perSecond: 5, burst: 20 } },
    'media.pauseProducer': { request: 'ProducerRequest', response: 'ProducerResponse', policy: { requires: 'join', perSecond: 10, burst: 40 } },
    'media.resumeProducer': { request: 'ProducerRequest', response: 'ProducerResponse', policy: { requires: 'join', perSecond: 10, burst: 40 } },
    'media.closeProducer': { request: 'ProducerRequest', response: 'ProducerResponse', policy: { requires: 'join', perSecond: 10, burst: 40 } },
    'media.consume': { request: 'ConsumeRequest', response: 'ConsumeResponse', policy: { requires: 'subscribe', perSecond: 50, burst: 500 } },
    'media.pauseConsumer': { request: 'ConsumerRequest', response: 'ConsumerResponse', policy: { requires: 'subscribe', perSecond: 50, burst: 500 } },
    'media.resumeConsumer': { request: 'ConsumerRequest', response: 'ConsumerResponse', policy: { requires: 'subscribe', perSecond: 50, burst: 500 } },
    'media.closeConsumer': { request: 'ConsumerRequest', response: 'ConsumerResponse', policy: { requires: 'subscribe', perSecond: 50, burst: 500 } },
    'media.setPreferredLayers': { request: 'SetPreferredLayersRequest', response: 'ConsumerResponse', policy: { requires: 'subscribe', perSecond: 50, burst: 500 } },
    'media.setConsumerView': { request: 'SetConsumerViewRequest', response: 'ConsumerResponse', policy: { requires: 'subscribe', perSecond: 50, burst: 500 } },
    'media.setProducerSize': { request: 'SetProducerSizeRequest', response: 'ProducerResponse', policy: { requires: 'join', perSecond: 5, burst: 20 } },
    'media.reportStall': { request: 'ConsumerRequest', response: 'ConsumerResponse', policy: { requires: 'subscribe', perSecond: 2, burst: 20 } },
    'media.getIceServers': { request: 'GetIceServersRequest', response: 'GetIceServersResponse', policy: { requires: 'join', perSecond: 1, burst: 5 } },
    'media.closeTransport': { request: 'CloseTransportRequest', response: 'CloseTransportResponse', policy: { requires: 'join', perSecond: 5, burst: 20 } },
    'moderation.muteProducer': { request: 'MuteProducerRequest', response: 'MuteProducerResponse', policy: { requires: 'moderate', perSecond: 20, burst: 100 } },
    'moderation.removePeer': { request: 'RemovePeerRequest', response: 'RemovePeerResponse', policy: { requires: 'moderate', perSecond: 20, burst: 100 } },
    'moderation.allowIdentity': { request: 'AllowIdentityRequest', response: 'AllowIdentityResponse', policy: { requires: 'moderate', perSecond: 20, burst: 100 } },
    'moderation.banIdentity': { request: 'BanIdentityRequest', response: 'BanIdentityResponse', policy: { requires: 'moderate', perSecond: 20, burst: 100, timeoutMs: 10000 } },
    'moderation.muteIdentity': { request: 'MuteIdentityRequest', response: 'MuteIdentityResponse', policy: { requires: 'moderate', perSecond: 20, burst: 100, timeoutMs: 10000 } },
    'moderation.configureRoom': { request: 'ConfigureRoomRequest', response: 'ConfigureRoomResponse', policy: { requires: 'moderate', perSecond: 2, burst: 10, timeoutMs: 10000 } },
    'moderation.requestUnmute': { request: 'RequestUnmuteRequest', response: 'RequestUnmuteResponse', policy: { requires: 'moderate', perSecond: 5, burst: 20 } },
    'moderation.setPhoneVolume': { request: 'SetPhoneVolumeRequest', response: 'SetPhoneVolumeResponse', policy: { requires: 'moderate', perSecond: 5, burst: 20 } },
    'moderation.lowerHand': { request: 'LowerHandRequest', response: 'LowerHandResponse', policy: { requires: 'moderate', perSecond: 5, burst: 20 } },
    'moderation.listRemoved': { request: 'ListRemovedRequest', response: 'ListRemovedResponse', policy: { requires: 'moderate', perSecond: 5, burst: 20 } },
    'session.connect': { request: 'ConnectRequest', response: 'ConnectResponse', policy: { beforeConnect: true, timeoutMs: 10000 } },
    'session.refresh': { request: 'RefreshRequest', response: 'RefreshResponse', policy: { perSecond: 1, burst: 5, timeoutMs: 10000 } },
    'session.ping': { request: 'PingRequest', response: 'PingResponse', policy: {} },
  },
  events: {
    peersJoined: { message: 'PeersJoined', delivery: 'control' },
    peersLeft: { message: 'PeersLeft', delivery: 'control' },
    peerChanged: { message: 'PeerChanged', delivery: 'control' },
    logRecords: { message: 'LogRecords', delivery: 'log' },
    producerAdded: { message: 'ProducerAdded', delivery: 'control' },
    producerChanged: { message: 'ProducerChanged', delivery: 'control' },
    producerClosed: { message: 'ProducerClosed', delivery: 'control' },
    consumerClosed: { message: 'ConsumerClosed', delivery: 'control' },
    consumerLayersChanged: { message: 'ConsumerLayersChanged', delivery: 'ephemeral' },
    activeSpeakerChanged: { message: 'ActiveSpeakerChanged', delivery: 'ephemeral' },
    mediaReset: { message: 'MediaReset', delivery: 'control' },
    transportClosed: { message: 'TransportClosed', delivery: 'control' },
    roomLeft: { message: 'RoomLeft', delivery: 'control' },
    tokenExpiring: { message: 'TokenExpiring', delivery: 'control' },
    sessionClosing: { message: 'SessionClosing', delivery: 'control' },
    typingChanged: { message: 'TypingChanged', delivery: 'ephemeral' },
    markersChanged: { message: 'MarkersChanged', delivery: 'ephemeral' },
    logGap: { message: 'LogGap', delivery: 'control' },
    directOpened: { message: 'DirectOpened', delivery: 'control' },
    mentioned: { message: 'Mentioned', delivery: 'control' },
    producerLayerWanted: { message: 'ProducerLayerWanted', delivery: 'control' },
    speakersChanged: { message: 'SpeakersChanged', delivery: 'ephemeral' },
    sdpOffer: { message: 'SdpOffer', delivery: 'control' },
    mediaModeChanged: { message: 'MediaModeChanged', delivery: 'control' },
    directSignal: { message: 'DirectSignal', delivery: 'control' },
    qualityChanged: { message: 'QualityChanged', delivery: 'ephemeral' },
    recordingChanged: { message: 'RecordingChanged', delivery: 'control' },
    sdpClosed: { message: 'SdpClosed', delivery: 'control' },
    storeChanged: { message: 'StoreChanged', delivery: 'control' },
    moveRequested: { message: 'MoveRequested', delivery: 'control' },
    callIncoming: { message: 'CallIncoming', delivery: 'control' },
    callChanged: { message: 'CallChanged', delivery: 'control' },
    callEnded: { message: 'CallEnded', delivery: 'control' },
    phoneDigit: { message: 'PhoneDigit', delivery: 'control' },
    handRaised: { message: 'HandRaised', delivery: 'control' },
    unmuteRequested: { message: 'UnmuteRequested', delivery: 'control' },
  },
  messages: {
    CallTarget: {
      open: false,
      fields: [
        { name: 'user', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 128 } },
        { name: 'number', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 32, pattern: '[+]?[0-9*#]{1,31}' } },
        { name: 'uri', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 256, pattern: 'sips?:[^\\s<>"]{1,250}' } },
      ],
    },
    StartCallRequest: {
      open: false,
      fields: [
        { name: 'to', type: 'CallTarget', kind: 'list', isMessage: true, optional: false, limits: { minItems: 1, maxItems: 20 } },
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 128, pattern: '[A-Za-z0-9][A-Za-z0-9_.:@-]*' } },
        { name: 'ringMs', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: { max: 180000 } },
        { name: 'firstRing', type: 'CallTarget', kind: 'single', isMessage: true, optional: true, limits: {} },
        { name: 'subject', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 256 } },
        { name: 'video', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'clientId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 64 } },
      ],
    },
    AcceptCallRequest: {
      open: false,
      fields: [
        { name: 'callId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
      ],
    },
    DeclineCallRequest: {
      open: false,
      fields: [
        { name: 'callId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'reason', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['', 'declined', 'busy'] } },
      ],
    },
    EndCallRequest: {
      open: false,
      fields: [
        { name: 'callId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'legId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 64 } },
        { name: 'forAll', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    AddToCallRequest: {
      open: false,
      fields: [
        { name: 'callId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'to', type: 'CallTarget', kind: 'list', isMessage: true, optional: false, limits: { minItems: 1, maxItems: 20 } },
        { name: 'ringMs', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: { max: 180000 } },
      ],
    },
    TransferCallRequest: {
      open: false,
      fields: [
        { name: 'callId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'to', type: 'CallTarget', kind: 'single', isMessage: true, optional: true, limits: {} },
        { name: 'toCallId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 64 } },
      ],
    },
    HoldCallRequest: {
      open: false,
      fields: [
        { name: 'callId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'legId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 64 } },
        { name: 'hold', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    MuteCallRequest: {
      open: false,
      fields: [
        { name: 'callId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'legId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'muted', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    SendDigitsRequest: {
      open: false,
      fields: [
        { name: 'callId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'legId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 64 } },
        { name: 'digits', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 32, pattern: '[0-9*#A-D]{1,32}' } },
        { name: 'durationMs', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: { max: 2000 } },
      ],
    },
    CallDone: {
      open: false,
      fields: [
      ],
    },
    CurrentCallsRequest: {
      open: false,
      fields: [
      ],
    },
    CurrentCallsResponse: {
      open: false,
      fields: [
        { name: 'calls', type: 'CallInfo', kind: 'list', isMessage: true, optional: false, limits: {} },
      ],
    },
    ListCallsRequest: {
      open: false,
      fields: [
        { name: 'pageToken', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 128 } },
        { name: 'pageSize', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: { max: 100 } },
      ],
    },
    ListCallsResponse: {
      open: false,
      fields: [
        { name: 'calls', type: 'CallSummary', kind: 'list', isMessage: true, optional: false, limits: {} },
        { name: 'nextPageToken', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    CallInfo: {
      open: false,
      fields: [
        { name: 'callId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'state', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['ringing', 'accepted', 'ended'] } },
        { name: 'legs', type: 'CallLeg', kind: 'list', isMessage: true, optional: false, limits: {} },
        { name: 'startedAtMs', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'answeredAtMs', type: 'double', kind: 'single', isMessage: false, optional: true, limits: {} },
        { name: 'endedAtMs', type: 'double', kind: 'single', isMessage: false, optional: true, limits: {} },
        { name: 'subject', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'video', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'audioCodec', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['', 'opus', 'PCMU', 'PCMA', 'G722'] } },
        { name: 'endReason', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    CallLeg: {
      open: false,
      fields: [
        { name: 'legId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'kind', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['user', 'number', 'uri'] } },
        { name: 'identity', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'name', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'number', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'state', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['waiting', 'calling', 'ringing', 'accepted', 'ended'] } },
        { name: 'via', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['', 'client', 'phone'] } },
        { name: 'peerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'held', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'heldBy', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['', 'self', 'other'] } },
        { name: 'muted', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'answeredAtMs', type: 'double', kind: 'single', isMessage: false, optional: true, limits: {} },
        { name: 'endedAtMs', type: 'double', kind: 'single', isMessage: false, optional: true, limits: {} },
        { name: 'endReason', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['', 'hung-up', 'declined', 'busy', 'no-answer', 'unreachable', 'canceled', 'answered-elsewhere', 'transferred', 'removed', 'lost', 'no-media', 'media-lost', 'node-lost', 'cut-off', 'forbidden', 'failed'] } },
        { name: 'codec', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'encrypted', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'quality', type: 'LegQuality', kind: 'single', isMessage: true, optional: false, limits: {} },
      ],
    },
    LegQuality: {
      open: false,
      fields: [
        { name: 'mos', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'loss', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'jitterMs', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'rttMs', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    CallSummary: {
      open: false,
      fields: [
        { name: 'callId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'direction', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['outgoing', 'incoming', 'missed'] } },
        { name: 'startedAtMs', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'durationMs', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'endReason', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'legs', type: 'CallLeg', kind: 'list', isMessage: true, optional: false, limits: {} },
        { name: 'subject', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    CallIncoming: {
      open: false,
      fields: [
        { name: 'call', type: 'CallInfo', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
        { name: 'legId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'ringsUntilMs', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    CallChanged: {
      open: false,
      fields: [
        { name: 'call', type: 'CallInfo', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
      ],
    },
    CallEnded: {
      open: false,
      fields: [
        { name: 'call', type: 'CallInfo', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
        { name: 'reason', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    SendMessageRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'clientId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64, pattern: '[A-Za-z0-9_.:-]+' } },
        { name: 'text', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 16384 } },
        { name: 'replyTo', type: 'string', kind: 'single', isMessage: false, optional: true, limits: { maxBytes: 64 } },
        { name: 'mentions', type: 'string', kind: 'list', isMessage: false, optional: false, limits: { maxItems: 50, maxBytes: 128 } },
      ],
    },
    Receipt: {
      open: false,
      fields: [
        { name: 'epoch', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'seq', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'messageId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'atMs', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'durability', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['memory', 'process', 'disk'] } },
        { name: 'duplicate', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    EditMessageRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'clientId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64, pattern: '[A-Za-z0-9_.:-]+' } },
        { name: 'messageId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'text', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 16384 } },
      ],
    },
    DeleteMessageRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'clientId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64, pattern: '[A-Za-z0-9_.:-]+' } },
        { name: 'messageId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
      ],
    },
    ReactRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'clientId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64, pattern: '[A-Za-z0-9_.:-]+' } },
        { name: 'messageId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'emoji', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 32 } },
        { name: 'on', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    MarkRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'deliveredSeq', type: 'double', kind: 'single', isMessage: false, optional: true, limits: { min: 0, max: 9007199254740991 } },
        { name: 'readSeq', type: 'double', kind: 'single', isMessage: false, optional: true, limits: { min: 0, max: 9007199254740991 } },
      ],
    },
    MarkResponse: {
      open: false,
      fields: [
        { name: 'unread', type: 'Unread', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
      ],
    },
    Unread: {
      open: false,
      fields: [
        { name: 'deliveredSeq', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'readSeq', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'messages', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'mentions', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    Marker: {
      open: false,
      fields: [
        { name: 'identity', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'deliveredSeq', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'readSeq', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    ListMarkersRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
      ],
    },
    ListMarkersResponse: {
      open: false,
      fields: [
        { name: 'markers', type: 'Marker', kind: 'list', isMessage: true, optional: false, limits: {} },
      ],
    },
    SetTypingRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'typing', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    SetTypingResponse: {
      open: false,
      fields: [
      ],
    },
    OpenDirectRequest: {
      open: false,
      fields: [
        { name: 'identity', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
      ],
    },
    OpenDirectResponse: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    ListDirectsRequest: {
      open: false,
      fields: [
        { name: 'limit', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: { max: 200 } },
      ],
    },
    ListDirectsResponse: {
      open: false,
      fields: [
        { name: 'directs', type: 'DirectInfo', kind: 'list', isMessage: true, optional: false, limits: {} },
      ],
    },
    DirectInfo: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'identity', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'head', type: 'LogHead', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
        { name: 'unread', type: 'Unread', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
        { name: 'lastMessage', type: 'LogRecord', kind: 'single', isMessage: true, optional: false, limits: {} },
      ],
    },
    LogRecord: {
      open: false,
      fields: [
        { name: 'seq', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'messageId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'kind', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['message', 'edited', 'deleted', 'reaction', 'joined', 'left', 'callStarted', 'callEnded', 'recordingStarted', 'recordingStopped', 'banned', 'unbanned', 'muted', 'unmuted', 'configured', 'opened', 'call'] } },
        { name: 'atMs', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'identity', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'name', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'clientId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'message', type: 'MessageContent', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'targetId', type: 'string', kind: 'single', isMessage: false, optional: true, limits: {} },
        { name: 'text', type: 'string', kind: 'single', isMessage: false, optional: true, limits: {} },
        { name: 'reaction', type: 'ReactionChange', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'via', type: 'string', kind: 'single', isMessage: false, optional: true, limits: {} },
        { name: 'subject', type: 'string', kind: 'single', isMessage: false, optional: true, limits: {} },
        { name: 'untilMs', type: 'double', kind: 'single', isMessage: false, optional: true, limits: {} },
        { name: 'durationMs', type: 'double', kind: 'single', isMessage: false, optional: true, limits: {} },
        { name: 'settings', type: 'RoomSettings', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'call', type: 'CallStep', kind: 'single', isMessage: true, optional: false, limits: {} },
      ],
    },
    CallStep: {
      open: false,
      fields: [
        { name: 'callId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'step', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['started', 'answered', 'failed', 'left', 'held', 'resumed', 'transferred', 'ended', 'visited'] } },
        { name: 'leg', type: 'CallLeg', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'legs', type: 'CallLeg', kind: 'list', isMessage: true, optional: false, limits: {} },
        { name: 'durationMs', type: 'double', kind: 'single', isMessage: false, optional: true, limits: {} },
        { name: 'reason', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'startedAtMs', type: 'double', kind: 'single', isMessage: false, optional: true, limits: {} },
        { name: 'subject', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    MessageContent: {
      open: false,
      fields: [
        { name: 'text', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'replyTo', type: 'string', kind: 'single', isMessage: false, optional: true, limits: {} },
        { name: 'threadId', type: 'string', kind: 'single', isMessage: false, optional: true, limits: {} },
        { name: 'mentions', type: 'string', kind: 'list', isMessage: false, optional: false, limits: {} },
        { name: 'editedAtMs', type: 'double', kind: 'single', isMessage: false, optional: true, limits: {} },
        { name: 'deletedBy', type: 'string', kind: 'single', isMessage: false, optional: true, limits: {} },
        { name: 'reactions', type: 'Reaction', kind: 'list', isMessage: true, optional: false, limits: {} },
        { name: 'changedSeq', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    Reaction: {
      open: false,
      fields: [
        { name: 'emoji', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'identities', type: 'string', kind: 'list', isMessage: false, optional: false, limits: {} },
      ],
    },
    ReactionChange: {
      open: false,
      fields: [
        { name: 'emoji', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'on', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    RoomSettings: {
      open: false,
      fields: [
        { name: 'slowModeMs', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: { max: 86400000 } },
        { name: 'retentionMs', type: 'double', kind: 'single', isMessage: false, optional: false, limits: { min: 0, max: 3155760000000 } },
        { name: 'retentionRecords', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: { max: 10000000 } },
      ],
    },
    Cursor: {
      open: false,
      fields: [
        { name: 'epoch', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'seq', type: 'double', kind: 'single', isMessage: false, optional: false, limits: { min: 0, max: 9007199254740991 } },
        { name: 'messageId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 64 } },
      ],
    },
    LogHead: {
      open: false,
      fields: [
        { name: 'epoch', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'seq', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'messageId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'firstSeq', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'durability', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['memory', 'process', 'disk'] } },
      ],
    },
    SyncRequest: {
      open: false,
      fields: [
        { name: 'rooms', type: 'RoomCursor', kind: 'list', isMessage: true, optional: false, limits: { minItems: 1, maxItems: 200 } },
      ],
    },
    RoomCursor: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'cursor', type: 'Cursor', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
      ],
    },
    SyncResponse: {
      open: false,
      fields: [
        { name: 'rooms', type: 'RoomSync', kind: 'list', isMessage: true, optional: false, limits: {} },
      ],
    },
    RoomSync: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'status', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['records', 'gap', 'refused'] } },
        { name: 'records', type: 'LogRecord', kind: 'list', isMessage: true, optional: false, limits: {} },
        { name: 'more', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'head', type: 'LogHead', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'gapReason', type: 'string', kind: 'single', isMessage: false, optional: true, limits: { in: ['epoch', 'trimmed', 'fork', 'slow'] } },
        { name: 'errorReason', type: 'string', kind: 'single', isMessage: false, optional: true, limits: {} },
      ],
    },
    ReadLogRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'beforeSeq', type: 'double', kind: 'single', isMessage: false, optional: true, limits: { min: 1, max: 9007199254740991 } },
        { name: 'afterSeq', type: 'double', kind: 'single', isMessage: false, optional: true, limits: { min: 0, max: 9007199254740991 } },
        { name: 'limit', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: { max: 200 } },
        { name: 'threadId', type: 'string', kind: 'single', isMessage: false, optional: true, limits: { maxBytes: 64 } },
      ],
    },
    ReadLogResponse: {
      open: false,
      fields: [
        { name: 'head', type: 'LogHead', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
        { name: 'records', type: 'LogRecord', kind: 'list', isMessage: true, optional: false, limits: {} },
        { name: 'more', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    SearchRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'query', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 256 } },
        { name: 'beforeSeq', type: 'double', kind: 'single', isMessage: false, optional: true, limits: { min: 1, max: 9007199254740991 } },
        { name: 'limit', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: { max: 100 } },
      ],
    },
    SearchResponse: {
      open: false,
      fields: [
        { name: 'records', type: 'LogRecord', kind: 'list', isMessage: true, optional: false, limits: {} },
        { name: 'more', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    OpenDataRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'sendTransportId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 64 } },
        { name: 'recvTransportId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 64 } },
      ],
    },
    OpenDataResponse: {
      open: false,
      fields: [
        { name: 'sendReliableStream', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'sendLossyStream', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'recvReliableStream', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'recvLossyStream', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'maxMessageBytes', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'messagesPerSecond', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    DataToServer: {
      open: false,
      fields: [
        { name: 'toPeerIds', type: 'string', kind: 'list', isMessage: false, optional: false, limits: { maxItems: 64, maxBytes: 64 } },
        { name: 'topic', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 64 } },
        { name: 'payload', type: 'bytes', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 262144 } },
      ],
    },
    DataToClient: {
      open: false,
      fields: [
        { name: 'fromPeerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'topic', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'payload', type: 'bytes', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    DirectSignalRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'generation', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'kind', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, in: ['offer', 'answer', 'candidate', 'end'] } },
        { name: 'data', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 32768 } },
      ],
    },
    DirectSignalResponse: {
      open: false,
      fields: [
      ],
    },
    DirectReport: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'generation', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'outcome', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, in: ['connected', 'failed', 'bad', 'lifted'] } },
        { name: 'detail', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 256 } },
      ],
    },
    MediaMode: {
      open: false,
      fields: [
        { name: 'mode', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['sfu', 'trying', 'direct'] } },
        { name: 'generation', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'peerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'initiator', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'reason', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['', 'start', 'joined', 'left', 'recording', 'failed', 'bad', 'policy', 'e2ee'] } },
      ],
    },
    PhoneDigit: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'peerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'digit', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'durationMs', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    HandRaised: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'peerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'identity', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'raised', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    UnmuteRequested: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'identity', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'name', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    PeersJoined: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'peers', type: 'PeerInfo', kind: 'list', isMessage: true, optional: false, limits: {} },
        { name: 'peerCount', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    PeersLeft: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'peers', type: 'PeerLeft', kind: 'list', isMessage: true, optional: false, limits: {} },
        { name: 'peerCount', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    PeerLeft: {
      open: false,
      fields: [
        { name: 'peerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'reason', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['left', 'lost', 'removed', 'expired', 'closed'] } },
        { name: 'name', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    PeerChanged: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'peer', type: 'PeerInfo', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
      ],
    },
    LogRecords: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'epoch', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'records', type: 'LogRecord', kind: 'list', isMessage: true, optional: false, limits: {} },
      ],
    },
    TypingChanged: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'identity', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'name', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'typing', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    MarkersChanged: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'markers', type: 'Marker', kind: 'list', isMessage: true, optional: false, limits: {} },
      ],
    },
    LogGap: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'reason', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['epoch', 'trimmed', 'fork', 'slow'] } },
        { name: 'head', type: 'LogHead', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
      ],
    },
    DirectOpened: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'identity', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    Mentioned: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'record', type: 'LogRecord', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
      ],
    },
    ProducerAdded: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'peerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'producer', type: 'ProducerInfo', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
        { name: 'replacesProducerId', type: 'string', kind: 'single', isMessage: false, optional: true, limits: {} },
      ],
    },
    ProducerChanged: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'peerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'producer', type: 'ProducerInfo', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
      ],
    },
    ProducerClosed: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'peerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'producerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    ConsumerClosed: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'consumerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'reason', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['', 'ended', 'restart'] } },
      ],
    },
    ConsumerLayersChanged: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'consumerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'spatialLayer', type: 'int32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'temporalLayer', type: 'int32', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    ActiveSpeakerChanged: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'peerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    MediaReset: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'mediaEpoch', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'routerRtpCapabilities', type: 'RtpCapabilities', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
        { name: 'peerIds', type: 'string', kind: 'list', isMessage: false, optional: false, limits: {} },
      ],
    },
    TransportClosed: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'transportId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    RoomLeft: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'reason', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['removed', 'closed'] } },
        { name: 'explanation', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    TokenExpiring: {
      open: false,
      fields: [
        { name: 'expiresAtMs', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    SessionClosing: {
      open: false,
      fields: [
        { name: 'reason', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'retryAfterMs', type: 'uint32', kind: 'single', isMessage: false, optional: true, limits: {} },
      ],
    },
    ProducerLayerWanted: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'producerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'spatialLayer', type: 'int32', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    SpeakersChanged: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'peerIds', type: 'string', kind: 'list', isMessage: false, optional: false, limits: {} },
      ],
    },
    SdpOffer: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'offered', type: 'SdpOffered', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
      ],
    },
    SdpClosed: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'sessionId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'reason', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['transport', 'reset', 'unanswered', 'producer'] } },
      ],
    },
    MediaModeChanged: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'mode', type: 'MediaMode', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
      ],
    },
    DirectSignal: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'generation', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'kind', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['offer', 'answer', 'candidate', 'end'] } },
        { name: 'data', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    QualityChanged: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'peers', type: 'PeerQuality', kind: 'list', isMessage: true, optional: false, limits: {} },
      ],
    },
    RecordingChanged: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'recording', type: 'RecordingInfo', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
      ],
    },
    StoreChanged: {
      open: false,
      fields: [
        { name: 'state', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['up', 'down'] } },
        { name: 'sinceMs', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    MoveRequested: {
      open: false,
      fields: [
        { name: 'url', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'retryAfterMs', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'deadlineMs', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    TrackQuality: {
      open: false,
      fields: [
        { name: 'producerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 64 } },
        { name: 'direction', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['send', 'recv'] } },
        { name: 'bitrate', type: 'double', kind: 'single', isMessage: false, optional: false, limits: { min: 0, max: 1000000000 } },
        { name: 'loss', type: 'double', kind: 'single', isMessage: false, optional: false, limits: { min: 0, max: 1 } },
        { name: 'jitterMs', type: 'double', kind: 'single', isMessage: false, optional: false, limits: { min: 0, max: 60000 } },
        { name: 'rttMs', type: 'double', kind: 'single', isMessage: false, optional: false, limits: { min: 0, max: 60000 } },
        { name: 'freezeMs', type: 'double', kind: 'single', isMessage: false, optional: false, limits: { min: 0, max: 600000 } },
        { name: 'framesPerSecond', type: 'double', kind: 'single', isMessage: false, optional: false, limits: { min: 0, max: 1000 } },
        { name: 'score', type: 'double', kind: 'single', isMessage: false, optional: false, limits: { min: 0, max: 5 } },
        { name: 'width', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: { max: 16384 } },
        { name: 'height', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: { max: 16384 } },
      ],
    },
    QualityReport: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'tracks', type: 'TrackQuality', kind: 'list', isMessage: true, optional: false, limits: { maxItems: 64 } },
        { name: 'path', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['', 'udp', 'tcp', 'relay', 'direct'] } },
      ],
    },
    QualityReportResponse: {
      open: false,
      fields: [
      ],
    },
    PeerQuality: {
      open: false,
      fields: [
        { name: 'peerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'score', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'tracks', type: 'TrackQuality', kind: 'list', isMessage: true, optional: false, limits: {} },
      ],
    },
    GetQualityRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
      ],
    },
    RoomQuality: {
      open: false,
      fields: [
        { name: 'peers', type: 'PeerQuality', kind: 'list', isMessage: true, optional: false, limits: {} },
      ],
    },
    StartRecordingRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'sources', type: 'string', kind: 'list', isMessage: false, optional: false, limits: { maxItems: 4, in: ['microphone', 'camera', 'screen', 'screen-audio'] } },
        { name: 'title', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 128 } },
      ],
    },
    RecordingRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'recordingId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
      ],
    },
    ListRecordingsRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'pageToken', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 64 } },
      ],
    },
    ListRecordingsResponse: {
      open: false,
      fields: [
        { name: 'recordings', type: 'RecordingInfo', kind: 'list', isMessage: true, optional: false, limits: {} },
        { name: 'nextPageToken', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    RecordingDone: {
      open: false,
      fields: [
      ],
    },
    RecordingInfo: {
      open: false,
      fields: [
        { name: 'recordingId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'state', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['running', 'stopping', 'done', 'interrupted', 'failed'] } },
        { name: 'startedAtMs', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'endedAtMs', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'startedBy', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'tracks', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'bytes', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'title', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'url', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'node', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    JoinRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128, pattern: '[A-Za-z0-9][A-Za-z0-9_.:@-]*' } },
        { name: 'options', type: 'RoomOptions', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'directCapable', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'hops', type: 'uint32', kind: 'single', isMessage: false, optional: true, limits: { max: 100 } },
      ],
    },
    RoomOptions: {
      open: false,
      fields: [
        { name: 'maxPeers', type: 'uint32', kind: 'single', isMessage: false, optional: true, limits: { min: 1, max: 100000 } },
        { name: 'idleTimeoutMs', type: 'uint32', kind: 'single', isMessage: false, optional: true, limits: { min: 0, max: 86400000 } },
        { name: 'direct', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['', 'never', 'auto'] } },
        { name: 'e2ee', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    RoomSnapshot: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'peerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'options', type: 'RoomOptions', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
        { name: 'grants', type: 'string', kind: 'list', isMessage: false, optional: false, limits: {} },
        { name: 'peerCount', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'peers', type: 'PeerInfo', kind: 'list', isMessage: true, optional: false, limits: {} },
        { name: 'nextPageToken', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'ownProducers', type: 'ProducerInfo', kind: 'list', isMessage: true, optional: false, limits: {} },
        { name: 'routerRtpCapabilities', type: 'RtpCapabilities', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
        { name: 'mediaEpoch', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'activeSpeakerPeerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'log', type: 'LogHead', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
        { name: 'unread', type: 'Unread', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
        { name: 'settings', type: 'RoomSettings', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
        { name: 'mutedUntilMs', type: 'double', kind: 'single', isMessage: false, optional: true, limits: {} },
        { name: 'speakerPeerIds', type: 'string', kind: 'list', isMessage: false, optional: false, limits: {} },
        { name: 'mediaMode', type: 'MediaMode', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
        { name: 'recording', type: 'RecordingInfo', kind: 'single', isMessage: true, optional: false, limits: {} },
      ],
    },
    PeerInfo: {
      open: false,
      fields: [
        { name: 'peerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'identity', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'name', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'metadata', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'kind', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['client', 'chat', 'whip', 'whep', 'phone'] } },
        { name: 'joinedAtMs', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'away', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'producers', type: 'ProducerInfo', kind: 'list', isMessage: true, optional: false, limits: {} },
        { name: 'handRaised', type: 'bool', kind: 'single', isMessage: false, optional: true, limits: {} },
        { name: 'phone', type: 'PhoneInfo', kind: 'single', isMessage: true, optional: false, limits: {} },
      ],
    },
    PhoneInfo: {
      open: false,
      fields: [
        { name: 'number', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 256 } },
        { name: 'trunk', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 64 } },
        { name: 'held', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'muted', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'codec', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 16 } },
        { name: 'encrypted', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'callId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 64 } },
        { name: 'attributes', type: 'string', kind: 'map', isMessage: false, optional: false, limits: { maxItems: 16, maxBytes: 256 } },
        { name: 'ringing', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    ProducerInfo: {
      open: false,
      fields: [
        { name: 'producerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'kind', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['audio', 'video'] } },
        { name: 'source', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['microphone', 'camera', 'screen', 'screen-audio'] } },
        { name: 'paused', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'muted', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'locked', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'width', type: 'uint32', kind: 'single', isMessage: false, optional: true, limits: {} },
        { name: 'height', type: 'uint32', kind: 'single', isMessage: false, optional: true, limits: {} },
        { name: 'encrypted', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'wantedLayer', type: 'int32', kind: 'single', isMessage: false, optional: true, limits: {} },
      ],
    },
    LeaveRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
      ],
    },
    LeaveResponse: {
      open: false,
      fields: [
      ],
    },
    ListPeersRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'pageToken', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64, pattern: '[0-9]+' } },
        { name: 'pageSize', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: { max: 500 } },
      ],
    },
    ListPeersResponse: {
      open: false,
      fields: [
        { name: 'peers', type: 'PeerInfo', kind: 'list', isMessage: true, optional: false, limits: {} },
        { name: 'nextPageToken', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    RaiseHandRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'raised', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    RaiseHandResponse: {
      open: false,
      fields: [
      ],
    },
    RtpCapabilities: {
      open: true,
      fields: [
        { name: 'codecs', type: 'RtpCodecCapability', kind: 'list', isMessage: true, optional: false, limits: { maxItems: 100 } },
        { name: 'headerExtensions', type: 'RtpHeaderExtension', kind: 'list', isMessage: true, optional: false, limits: { maxItems: 100 } },
      ],
    },
    RtpCodecCapability: {
      open: true,
      fields: [
        { name: 'kind', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, in: ['audio', 'video'] } },
        { name: 'mimeType', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64, pattern: '(audio|video)/[A-Za-z0-9.-]+' } },
        { name: 'preferredPayloadType', type: 'uint32', kind: 'single', isMessage: false, optional: true, limits: { max: 127 } },
        { name: 'clockRate', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: { min: 1, max: 1000000 } },
        { name: 'channels', type: 'uint32', kind: 'single', isMessage: false, optional: true, limits: { min: 1, max: 16 } },
        { name: 'parameters', type: 'Value', kind: 'map', isMessage: true, optional: false, limits: { maxItems: 32 } },
        { name: 'rtcpFeedback', type: 'RtcpFeedback', kind: 'list', isMessage: true, optional: false, limits: { maxItems: 32 } },
      ],
    },
    RtpHeaderExtension: {
      open: true,
      fields: [
        { name: 'kind', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['', 'audio', 'video'] } },
        { name: 'uri', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 256 } },
        { name: 'preferredId', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: { min: 1, max: 255 } },
        { name: 'preferredEncrypt', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'direction', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['', 'sendrecv', 'sendonly', 'recvonly', 'inactive'] } },
      ],
    },
    RtpParameters: {
      open: true,
      fields: [
        { name: 'mid', type: 'string', kind: 'single', isMessage: false, optional: true, limits: { maxBytes: 32 } },
        { name: 'codecs', type: 'RtpCodecParameters', kind: 'list', isMessage: true, optional: false, limits: { minItems: 1, maxItems: 32 } },
        { name: 'headerExtensions', type: 'RtpHeaderExtensionParameters', kind: 'list', isMessage: true, optional: false, limits: { maxItems: 32 } },
        { name: 'encodings', type: 'RtpEncodingParameters', kind: 'list', isMessage: true, optional: false, limits: { maxItems: 8 } },
        { name: 'rtcp', type: 'RtcpParameters', kind: 'single', isMessage: true, optional: false, limits: {} },
      ],
    },
    RtpCodecParameters: {
      open: true,
      fields: [
        { name: 'mimeType', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64, pattern: '(audio|video)/[A-Za-z0-9.-]+' } },
        { name: 'payloadType', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: { max: 127 } },
        { name: 'clockRate', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: { min: 1, max: 1000000 } },
        { name: 'channels', type: 'uint32', kind: 'single', isMessage: false, optional: true, limits: { min: 1, max: 16 } },
        { name: 'parameters', type: 'Value', kind: 'map', isMessage: true, optional: false, limits: { maxItems: 32 } },
        { name: 'rtcpFeedback', type: 'RtcpFeedback', kind: 'list', isMessage: true, optional: false, limits: { maxItems: 32 } },
      ],
    },
    RtcpFeedback: {
      open: true,
      fields: [
        { name: 'type', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 32, pattern: '[A-Za-z0-9-]+' } },
        { name: 'parameter', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 32, pattern: '[A-Za-z0-9-]+( [A-Za-z0-9-]+)*' } },
      ],
    },
    RtpHeaderExtensionParameters: {
      open: true,
      fields: [
        { name: 'uri', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 256 } },
        { name: 'id', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: { min: 1, max: 255 } },
        { name: 'encrypt', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'parameters', type: 'Value', kind: 'map', isMessage: true, optional: false, limits: { maxItems: 32 } },
      ],
    },
    RtpEncodingParameters: {
      open: true,
      fields: [
        { name: 'ssrc', type: 'uint32', kind: 'single', isMessage: false, optional: true, limits: {} },
        { name: 'rid', type: 'string', kind: 'single', isMessage: false, optional: true, limits: { maxBytes: 16 } },
        { name: 'codecPayloadType', type: 'uint32', kind: 'single', isMessage: false, optional: true, limits: { max: 127 } },
        { name: 'rtx', type: 'RtxParameters', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'dtx', type: 'bool', kind: 'single', isMessage: false, optional: true, limits: {} },
        { name: 'scalabilityMode', type: 'string', kind: 'single', isMessage: false, optional: true, limits: { maxBytes: 16 } },
        { name: 'maxBitrate', type: 'double', kind: 'single', isMessage: false, optional: true, limits: { min: 0, max: 1000000000 } },
        { name: 'maxFramerate', type: 'double', kind: 'single', isMessage: false, optional: true, limits: { min: 0, max: 1000 } },
        { name: 'scaleResolutionDownBy', type: 'double', kind: 'single', isMessage: false, optional: true, limits: { min: 1, max: 64 } },
        { name: 'active', type: 'bool', kind: 'single', isMessage: false, optional: true, limits: {} },
      ],
    },
    RtxParameters: {
      open: true,
      fields: [
        { name: 'ssrc', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    RtcpParameters: {
      open: true,
      fields: [
        { name: 'cname', type: 'string', kind: 'single', isMessage: false, optional: true, limits: { maxBytes: 256, pattern: '[!-~]+' } },
        { name: 'reducedSize', type: 'bool', kind: 'single', isMessage: false, optional: true, limits: {} },
      ],
    },
    IceParameters: {
      open: true,
      fields: [
        { name: 'usernameFragment', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'password', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'iceLite', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    IceCandidate: {
      open: true,
      fields: [
        { name: 'foundation', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'priority', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'address', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'ip', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'protocol', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['udp', 'tcp'] } },
        { name: 'port', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'type', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['host'] } },
        { name: 'tcpType', type: 'string', kind: 'single', isMessage: false, optional: true, limits: {} },
      ],
    },
    IceServer: {
      open: false,
      fields: [
        { name: 'urls', type: 'string', kind: 'list', isMessage: false, optional: false, limits: { maxItems: 8 } },
        { name: 'username', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'credential', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    SctpParameters: {
      open: false,
      fields: [
        { name: 'port', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'outgoingStreams', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'incomingStreams', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'maxMessageSize', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    ConsumerView: {
      open: false,
      fields: [
        { name: 'width', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: { max: 16384 } },
        { name: 'height', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: { max: 16384 } },
        { name: 'hidden', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    DtlsParameters: {
      open: true,
      fields: [
        { name: 'role', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['', 'auto', 'client', 'server'] } },
        { name: 'fingerprints', type: 'DtlsFingerprint', kind: 'list', isMessage: true, optional: false, limits: { minItems: 1, maxItems: 8 } },
      ],
    },
    DtlsFingerprint: {
      open: true,
      fields: [
        { name: 'algorithm', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, in: ['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512'] } },
        { name: 'value', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 191, pattern: '[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){19,63}' } },
      ],
    },
    SdpTrack: {
      open: false,
      fields: [
        { name: 'mid', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 32 } },
        { name: 'source', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['', 'microphone', 'camera', 'screen', 'screen-audio'] } },
        { name: 'paused', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'producerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 64 } },
        { name: 'peerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 64 } },
        { name: 'consumerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 64 } },
      ],
    },
    PublishRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'sessionId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 64 } },
        { name: 'offer', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 49152 } },
        { name: 'tracks', type: 'SdpTrack', kind: 'list', isMessage: true, optional: false, limits: { maxItems: 16 } },
      ],
    },
    PublishResponse: {
      open: false,
      fields: [
        { name: 'sessionId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'answer', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'tracks', type: 'SdpTrack', kind: 'list', isMessage: true, optional: false, limits: {} },
        { name: 'iceServers', type: 'IceServer', kind: 'list', isMessage: true, optional: false, limits: {} },
      ],
    },
    SubscribeRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'capabilities', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 49152 } },
        { name: 'auto', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'producerIds', type: 'string', kind: 'list', isMessage: false, optional: false, limits: { maxItems: 64, maxBytes: 64 } },
        { name: 'data', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    SdpOffered: {
      open: false,
      fields: [
        { name: 'sessionId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'version', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'offer', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'tracks', type: 'SdpTrack', kind: 'list', isMessage: true, optional: false, limits: {} },
        { name: 'iceServers', type: 'IceServer', kind: 'list', isMessage: true, optional: false, limits: {} },
      ],
    },
    SelectRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'sessionId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'auto', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'producerIds', type: 'string', kind: 'list', isMessage: false, optional: false, limits: { maxItems: 64, maxBytes: 64 } },
      ],
    },
    AnswerRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'sessionId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'version', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'answer', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 49152 } },
      ],
    },
    TrickleRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'sessionId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'candidate', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 1024 } },
        { name: 'mid', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 32 } },
      ],
    },
    SdpSessionRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'sessionId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
      ],
    },
    SdpDone: {
      open: false,
      fields: [
      ],
    },
    Error: {
      open: false,
      fields: [
        { name: 'code', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'reason', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'message', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'details', type: 'string', kind: 'map', isMessage: false, optional: false, limits: {} },
        { name: 'retryAfterMs', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    CreateTransportRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'direction', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, in: ['send', 'recv'] } },
        { name: 'rtpCapabilities', type: 'RtpCapabilities', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'data', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    CreateTransportResponse: {
      open: false,
      fields: [
        { name: 'transportId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'iceParameters', type: 'IceParameters', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
        { name: 'iceCandidates', type: 'IceCandidate', kind: 'list', isMessage: true, optional: false, limits: {} },
        { name: 'dtlsParameters', type: 'DtlsParameters', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
        { name: 'iceServers', type: 'IceServer', kind: 'list', isMessage: true, optional: false, limits: {} },
        { name: 'sctpParameters', type: 'SctpParameters', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'relayOnly', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    ConnectTransportRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'transportId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'dtlsParameters', type: 'DtlsParameters', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
      ],
    },
    ConnectTransportResponse: {
      open: false,
      fields: [
      ],
    },
    RestartIceRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'transportId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
      ],
    },
    RestartIceResponse: {
      open: false,
      fields: [
        { name: 'iceParameters', type: 'IceParameters', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
      ],
    },
    ProduceRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'transportId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'kind', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, in: ['audio', 'video'] } },
        { name: 'source', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, in: ['microphone', 'camera', 'screen', 'screen-audio'] } },
        { name: 'rtpParameters', type: 'RtpParameters', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
        { name: 'paused', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'width', type: 'uint32', kind: 'single', isMessage: false, optional: true, limits: { max: 16384 } },
        { name: 'height', type: 'uint32', kind: 'single', isMessage: false, optional: true, limits: { max: 16384 } },
        { name: 'encrypted', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'replacesProducerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 64 } },
      ],
    },
    ProduceResponse: {
      open: false,
      fields: [
        { name: 'producerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'muted', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'locked', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    ProducerRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'producerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
      ],
    },
    ProducerResponse: {
      open: false,
      fields: [
      ],
    },
    ConsumeRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'transportId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'producerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'view', type: 'ConsumerView', kind: 'single', isMessage: true, optional: false, limits: {} },
      ],
    },
    ConsumeResponse: {
      open: false,
      fields: [
        { name: 'consumerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'producerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'kind', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['audio', 'video'] } },
        { name: 'rtpParameters', type: 'RtpParameters', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
        { name: 'producerPaused', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'spatialLayers', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'temporalLayers', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'encrypted', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    ConsumerRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'consumerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
      ],
    },
    ConsumerResponse: {
      open: false,
      fields: [
      ],
    },
    SetPreferredLayersRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'consumerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'spatialLayer', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: { max: 7 } },
        { name: 'temporalLayer', type: 'uint32', kind: 'single', isMessage: false, optional: true, limits: { max: 7 } },
      ],
    },
    SetConsumerViewRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'consumerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'view', type: 'ConsumerView', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
      ],
    },
    SetProducerSizeRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'producerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'width', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: { min: 1, max: 16384 } },
        { name: 'height', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: { min: 1, max: 16384 } },
      ],
    },
    GetIceServersRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
      ],
    },
    GetIceServersResponse: {
      open: false,
      fields: [
        { name: 'iceServers', type: 'IceServer', kind: 'list', isMessage: true, optional: false, limits: {} },
        { name: 'expiresAtMs', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'relayOnly', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    CloseTransportRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'transportId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
      ],
    },
    CloseTransportResponse: {
      open: false,
      fields: [
      ],
    },
    MuteProducerRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'producerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'muted', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'lock', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    MuteProducerResponse: {
      open: false,
      fields: [
      ],
    },
    RemovePeerRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'peerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'explanation', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 512 } },
      ],
    },
    RemovePeerResponse: {
      open: false,
      fields: [
        { name: 'identity', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    AllowIdentityRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'identity', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
      ],
    },
    AllowIdentityResponse: {
      open: false,
      fields: [
        { name: 'wasRemoved', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    ListRemovedRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
      ],
    },
    ListRemovedResponse: {
      open: false,
      fields: [
        { name: 'identities', type: 'string', kind: 'list', isMessage: false, optional: false, limits: {} },
        { name: 'restrictions', type: 'Restriction', kind: 'list', isMessage: true, optional: false, limits: {} },
      ],
    },
    Restriction: {
      open: false,
      fields: [
        { name: 'identity', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'kind', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { in: ['banned', 'muted'] } },
        { name: 'untilMs', type: 'double', kind: 'single', isMessage: false, optional: true, limits: {} },
      ],
    },
    BanIdentityRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'identity', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'durationMs', type: 'double', kind: 'single', isMessage: false, optional: false, limits: { min: 0, max: 3155760000000 } },
        { name: 'explanation', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 512 } },
      ],
    },
    BanIdentityResponse: {
      open: false,
      fields: [
      ],
    },
    MuteIdentityRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'identity', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'durationMs', type: 'double', kind: 'single', isMessage: false, optional: true, limits: { min: 0, max: 3155760000000 } },
      ],
    },
    MuteIdentityResponse: {
      open: false,
      fields: [
      ],
    },
    ConfigureRoomRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'settings', type: 'RoomSettings', kind: 'single', isMessage: true, optional: false, limits: { required: true } },
      ],
    },
    ConfigureRoomResponse: {
      open: false,
      fields: [
      ],
    },
    RequestUnmuteRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'peerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
      ],
    },
    RequestUnmuteResponse: {
      open: false,
      fields: [
      ],
    },
    SetPhoneVolumeRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'peerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'volumeDb', type: 'double', kind: 'single', isMessage: false, optional: false, limits: { min: -18, max: 12 } },
      ],
    },
    SetPhoneVolumeResponse: {
      open: false,
      fields: [
      ],
    },
    LowerHandRequest: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'peerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
      ],
    },
    LowerHandResponse: {
      open: false,
      fields: [
      ],
    },
    PlainChatQuery: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128, pattern: '[A-Za-z0-9][A-Za-z0-9_.:@-]*' } },
        { name: 'user', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 128, pattern: '[^\\x00-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069]*' } },
        { name: 'token', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 8192 } },
      ],
    },
    PlainChatMessage: {
      open: true,
      fields: [
        { name: 'type', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, in: ['message', 'history'] } },
        { name: 'content', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 16384 } },
        { name: 'user', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 128, pattern: '[^\\x00-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069]*' } },
        { name: 'clientId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 64, pattern: '[A-Za-z0-9_.:-]+' } },
        { name: 'limit', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: { max: 200 } },
        { name: 'beforeSeq', type: 'double', kind: 'single', isMessage: false, optional: true, limits: { min: 1, max: 9007199254740991 } },
      ],
    },
    ConnectRequest: {
      open: false,
      fields: [
        { name: 'token', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 8192 } },
        { name: 'client', type: 'ClientInfo', kind: 'single', isMessage: true, optional: false, limits: {} },
        { name: 'resume', type: 'ResumeRequest', kind: 'single', isMessage: true, optional: false, limits: {} },
      ],
    },
    ClientInfo: {
      open: false,
      fields: [
        { name: 'name', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 64 } },
        { name: 'version', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 32 } },
      ],
    },
    ResumeRequest: {
      open: false,
      fields: [
        { name: 'sessionId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
        { name: 'secret', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128 } },
        { name: 'rooms', type: 'ResumedRoom', kind: 'list', isMessage: true, optional: false, limits: { maxItems: 50 } },
      ],
    },
    ResumedRoom: {
      open: false,
      fields: [
        { name: 'room', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 128, pattern: '[A-Za-z0-9][A-Za-z0-9_.:@-]*' } },
        { name: 'peerId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 64 } },
      ],
    },
    ConnectResponse: {
      open: false,
      fields: [
        { name: 'sessionId', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'resumeSecret', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'resumed', type: 'bool', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'identity', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'name', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'expiresAtMs', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'pingIntervalMs', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'resumeGraceMs', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'maxFrameBytes', type: 'uint32', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'serverVersion', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
        { name: 'rooms', type: 'RoomSnapshot', kind: 'list', isMessage: true, optional: false, limits: {} },
        { name: 'store', type: 'string', kind: 'single', isMessage: false, optional: true, limits: { in: ['up', 'down'] } },
        { name: 'node', type: 'string', kind: 'single', isMessage: false, optional: true, limits: {} },
      ],
    },
    RefreshRequest: {
      open: false,
      fields: [
        { name: 'token', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { required: true, maxBytes: 8192 } },
      ],
    },
    RefreshResponse: {
      open: false,
      fields: [
        { name: 'expiresAtMs', type: 'double', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
    PingRequest: {
      open: false,
      fields: [
        { name: 'payload', type: 'string', kind: 'single', isMessage: false, optional: false, limits: { maxBytes: 1024 } },
      ],
    },
    PingResponse: {
      open: false,
      fields: [
        { name: 'payload', type: 'string', kind: 'single', isMessage: false, optional: false, limits: {} },
      ],
    },
  },
};
