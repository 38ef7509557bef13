// Counts what a page asks of a server and how often it must wait: every answer is held until nothing more is
// asked, then all are let through at once. So the depth is a count and not a matter of a machine's speed.
// Must never look at a clock for its verdict. Next: page-cost.spec.mjs holds the budget, tests/bench/widget prints it.

/** Milliseconds without a further request after which a round is complete. */
const quiet = 250;
/** Milliseconds without any request after which there will be none. */
const patience = 1500;

/**
 * Goes to `url` and gives the requests to `origin`: `{ path, type, round, bytes }`, bytes as they came (compressed).
 * `shown` tells whether the reader sees already what the page is for: what is asked then is marked `after`.
 */
export async function waterfall(page, origin, url, shown) {
  const requests = [];
  const sizes = [];
  let held = [];
  let asked = Date.now();
  await page.route(`${origin}/**`, (route) => {
    asked = Date.now();
    held.push(route);
  });
  page.on('requestfinished', (request) => {
    const entry = requests.find((one) => one.url === request.url());
    if (entry) sizes.push(request.sizes().then(({ responseBodySize }) => (entry.bytes = responseBodySize)));
  });
  const gone = page.goto(url, { waitUntil: 'load' });
  for (let round = 1; ; round++) {
    for (let waited = 0; !held.length && waited < patience; waited += 50) await page.waitForTimeout(50);
    if (!held.length) break;
    while (Date.now() - asked < quiet) await page.waitForTimeout(50);
    const wave = held;
    held = [];
    // While the script is held, there is no document to look at.
    const seen = round > 1 && (await shown(page));
    for (const route of wave) {
      const request = route.request();
      const { pathname } = new URL(request.url());
      requests.push({ url: request.url(), path: pathname, type: request.resourceType(), round, after: seen, bytes: 0 });
    }
    await Promise.all(wave.map((route) => route.continue()));
  }
  await gone;
  await page.unrouteAll();
  await Promise.all(sizes);
  return requests;
}

/** The deepest round of what had to come before the reader saw anything. */
export const depth = (requests) => Math.max(...requests.filter((one) => !one.after).map((one) => one.round));

/** For `addInitScript`: sums in `window.moved` what moved without the reader's doing (the layout shift score). */
export function shifts() {
  window.moved = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.moved += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
}
