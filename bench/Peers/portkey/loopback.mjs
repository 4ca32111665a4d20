// node --import ./loopback.mjs: whoever names no host listens on the loopback alone.
import { Server } from "node:net";

const listen = Server.prototype.listen;
Server.prototype.listen = function (port, host, ...rest) {
  return listen.call(this, port, host ?? "127.0.0.1", ...rest);
};
