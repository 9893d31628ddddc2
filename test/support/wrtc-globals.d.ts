// @roamhq/wrtc exports it by its name in browsers, whose types the server's code must not see.
declare class MediaStream {
  constructor(tracks?: readonly object[]);
}
