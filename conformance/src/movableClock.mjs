// Preloaded into a platform of its own (platformProcess.ts): what it takes for now moves by a message of the process that started it.
const RealDate = Date;
let aheadMs = 0;

globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + aheadMs);
    else super(...given);
  }

  static now() {
    return RealDate.now() + aheadMs;
  }
};

process.on('message', ({ moveByMs }) => {
  aheadMs += moveByMs;
  process.send?.({ aheadMs });
});
// Nobody is kept alive by a clock.
process.channel?.unref();
