// Counts a page's requests to a server and its round trips: every response is held until no further request comes, then
// all are released at once. So the depth is a count that does not depend on the machine's speed.
// Must never use time for its result. Next: page-cost.spec.mjs has the budget, tests/bench/widget prints it.

/** Milliseconds without a further request after which a round is complete. */
const quiet = 250;
/** Milliseconds without any request after which there are no more. */
const patience = 1500;

/**
 * Goes to `url` and returns the requests to `origin`: `{ path, type, round, bytes }`, with compressed bytes. `shown`
 * tells whether the main content is visible: later requests are marked `after`.
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
    // While the script is held, there is no document yet.
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

/** The deepest round that had to complete before the content was visible. */
export const depth = (requests) => Math.max(...requests.filter((one) => !one.after).map((one) => one.round));

/** For `addInitScript`: sums unexpected layout shifts in `window.moved`. */
export function shifts() {
  window.moved = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.moved += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
}
