// The first script of every page in the engines: it records faults, and finds elements by their names.
// Must never touch the thread: pressing and typing is done from outside, by the engine's own pointer and keys.
// Next: engines/reader.mjs calls it.
(() => {
  const noted = JSON.parse(sessionStorage.getItem('probe') ?? '[]');
  const note = (...words) => {
    noted.push(words.join(' '));
    sessionStorage.setItem('probe', JSON.stringify(noted));
  };
  addEventListener('error', (event) => note('uncaught:', event.message, event.filename));
  addEventListener('unhandledrejection', (event) => note('rejected:', event.reason));
  document.addEventListener('securitypolicyviolation', (event) => note('violation:', event.effectiveDirective, event.blockedURI, event.sample));
  const { error } = console;
  console.error = (...words) => {
    note('console:', ...words);
    error.apply(console, words);
  };

  // Resources that a removed thread must release: intervals, and listeners on objects that outlive it.
  const intervals = new Set();
  const { setInterval, clearInterval } = window;
  window.setInterval = (...rest) => {
    const id = setInterval(...rest);
    intervals.add(id);
    return id;
  };
  window.clearInterval = (id) => {
    intervals.delete(id);
    clearInterval(id);
  };
  let listeners = 0;
  const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype;
  const known = new Map();
  const lasting = (target) => target === undefined || target === window || target === document || target === window.navigation;
  const forget = (key, listener) => known.get(key)?.delete(listener) && listeners--;
  EventTarget.prototype.addEventListener = function (type, listener, options) {
    const key = `${this === document ? 'document' : this === window.navigation ? 'navigation' : 'window'} ${type}`;
    if (lasting(this) && listener && !options?.signal?.aborted) {
      if (!known.has(key)) known.set(key, new Set());
      if (!known.get(key).has(listener)) {
        known.get(key).add(listener);
        listeners++;
        if (options?.signal) add.call(options.signal, 'abort', () => forget(key, listener));
      }
    }
    return add.call(this ?? window, type, listener, options);
  };
  EventTarget.prototype.removeEventListener = function (type, listener, options) {
    if (lasting(this)) forget(`${this === document ? 'document' : this === window.navigation ? 'navigation' : 'window'} ${type}`, listener);
    return remove.call(this ?? window, type, listener, options);
  };

  const thread = (n = 0) => document.querySelectorAll('afterword-thread')[n];
  const root = (n) => thread(n)?.shadowRoot ?? thread(n);
  const called = (one) => (one.getAttribute('aria-label') || one.labels?.[0]?.innerText || one.innerText || '').trim();
  const matches = (pattern, text) => !pattern || new RegExp(pattern.source, pattern.flags).test(text);

  /** Visible elements: `css` in the thread numbered `thread` (or in the `page`), by `name`, with a text in it (`has`), inside others (`within`). */
  function find({ page, thread, css, name, has, within }) {
    const scopes = page ? [document] : within ? find({ thread, ...within }) : [root(thread)];
    return scopes
      .flatMap((scope) => [...(scope?.querySelectorAll(css) ?? [])])
      .filter((one) => one.checkVisibility({ visibilityProperty: true }) && matches(name, called(one)) && (!has || one.textContent.includes(has)));
  }

  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const at = (x, y) => {
    let top = document.elementFromPoint(x, y);
    while (top?.shadowRoot?.elementFromPoint(x, y) && top.shadowRoot.elementFromPoint(x, y) !== top) top = top.shadowRoot.elementFromPoint(x, y);
    return top;
  };

  /** The centre of an element, once it is in view, does not move and is not covered. */
  async function place(target) {
    const [one] = find(target);
    if (!one) return null;
    one.scrollIntoView({ block: 'center' });
    await frame();
    const before = one.getBoundingClientRect();
    await frame();
    await frame();
    const box = one.getBoundingClientRect();
    if (!one.isConnected || box.top !== before.top || !box.height) return null;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const top = at(x, y);
    if (!top || (one !== top && !one.contains(top))) return null;
    reached = undefined;
    aim = one;
    return { x, y };
  }

  /** Whether the press hit its target; true on the page that it led to, which has no target. */
  let aim;
  let reached;
  add.call(window, 'click', (event) => (reached ||= event.composedPath().includes(aim)), true);
  async function pressed() {
    for (let wait = 0; wait < 20 && reached === undefined && aim; wait++) await frame();
    return !aim || !!reached;
  }

  window.probe = {
    thread,
    root,
    find,
    place,
    pressed,
    noted: () => noted,
    forgive: () => {
      sessionStorage.removeItem('probe');
      return noted.splice(0);
    },
    kept: () => ({ listeners, intervals: intervals.size, all: [...known].map(([key, set]) => `${key}: ${set.size}`) }),
    /** The visible state of a thread. */
    text: (n) => [...(root(n)?.children ?? [])].map((one) => one.innerText ?? '').join('\n') || thread(n)?.innerText || '',
  };
})();
