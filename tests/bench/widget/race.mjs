// The time to the first comment: from the start of the navigation until it has been painted inside the window.
// Each run has a fresh profile with an empty cache; the two systems alternate, so that a slower machine slows both.
import { browser } from '../../browser/harness.mjs';

const systems = ['afterword', 'isso'];

/** For `addInitScript`: `window.first` becomes the time at which a frame with the first comment had been painted. */
function watch() {
  const find = () =>
    document.querySelector('afterword-thread')?.shadowRoot?.querySelector('article.comment') ??
    document.querySelector('#isso-root .isso-comment');
  const look = () => {
    const box = find()?.getBoundingClientRect();
    if (box?.height > 0 && box.top < innerHeight) requestAnimationFrame(() => (window.first = performance.now()));
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

async function once(address, network) {
  const context = await (await browser()).newContext({ viewport: { width: 1280, height: 1600 } });
  try {
    const page = await context.newPage();
    await page.addInitScript(watch);
    if (network) {
      const session = await context.newCDPSession(page);
      await session.send('Network.enable');
      await session.send('Network.emulateNetworkConditions', { offline: false, ...network });
    }
    await page.goto(address, { waitUntil: 'commit' });
    await page.waitForFunction(() => window.first, null, { timeout: 60000 });
    return await page.evaluate(() => window.first);
  } finally {
    await context.close();
  }
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

export async function race(addresses, network, runs) {
  const times = { afterword: [], isso: [] };
  for (let run = -1; run < runs; run++) {
    // The order alternates, too; the first pair warms caches and is not counted.
    for (const system of run % 2 ? systems : [...systems].reverse()) {
      const time = await once(addresses[system], network);
      if (run >= 0) times[system].push(time);
    }
  }
  const result = { runs };
  for (const system of systems) {
    result[system] = {
      median: median(times[system]),
      min: Math.min(...times[system]),
      max: Math.max(...times[system]),
    };
  }
  const ratios = times.isso.map((time, run) => time / times.afterword[run]);
  return {
    ...result,
    ratio: result.isso.median / result.afterword.median,
    pairs: { min: Math.min(...ratios), median: median(ratios), max: Math.max(...ratios) },
  };
}
