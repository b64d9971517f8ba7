// A page's clock that can be set on: `skip(milliseconds)` with its timers, `sleep(milliseconds)` without, as when a lid
// is closed.

() => {
  const RealDate = Date;
  const later = globalThis.setTimeout.bind(globalThis);
  const never = globalThis.clearTimeout.bind(globalThis);
  let ahead = 0;
  let last = 0;
  const waiting = new Map();
  const now = () => RealDate.now() + ahead;
  const fire = (id) => {
    const timer = waiting.get(id);
    if (!timer) return;
    never(timer.real);
    if (timer.every === undefined) waiting.delete(id);
    else plan(id, timer, timer.every);
    timer.work();
  };
  const plan = (id, timer, milliseconds) => {
    timer.due = now() + milliseconds;
    timer.real = later(() => fire(id), milliseconds);
    waiting.set(id, timer);
  };
  const start = (work, milliseconds, every, rest) => {
    const id = ++last;
    plan(id, { work: () => work(...rest), every }, Number(milliseconds) || 0);
    return id;
  };
  globalThis.setTimeout = (work, milliseconds, ...rest) => start(work, milliseconds, undefined, rest);
  globalThis.setInterval = (work, milliseconds, ...rest) => start(work, milliseconds, Math.max(4, Number(milliseconds) || 0), rest);
  globalThis.clearTimeout = globalThis.clearInterval = (id) => {
    never(waiting.get(id)?.real);
    waiting.delete(id);
  };
  globalThis.Date = class extends RealDate {
    constructor(...given) {
      super(...(given.length === 0 ? [now()] : given));
    }
    static now() {
      return now();
    }
  };
  const elapsed = performance.now.bind(performance);
  performance.now = () => elapsed() + ahead;
  globalThis.sleep = (milliseconds) => (ahead += milliseconds);
  globalThis.skip = (milliseconds) => {
    ahead += milliseconds;
    for (const [id, { due }] of [...waiting].sort(([, left], [, right]) => left.due - right.due)) if (due <= now()) fire(id);
  };
}
