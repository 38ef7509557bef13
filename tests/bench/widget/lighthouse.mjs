// Lighthouse's scores of one page with and without the thread, in turns: the score lost through the thread.
import { launch } from 'chrome-launcher';
import lighthouse from 'lighthouse';

export const categories = ['performance', 'accessibility', 'best-practices', 'seo'];
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

async function audit(address, port) {
  const { lhr } = await lighthouse(address, { port, output: 'json', logLevel: 'error', onlyCategories: categories });
  if (lhr.runtimeError) throw new Error(`${address}: ${lhr.runtimeError.message}`);
  const scores = Object.fromEntries(categories.map((name) => [name, Math.round(lhr.categories[name].score * 100)]));
  const short = Object.values(lhr.audits)
    .filter((one) => one.score !== null && one.score < 0.9 && one.scoreDisplayMode !== 'informative')
    .map((one) => one.id);
  return { scores, short };
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

/**
 * Medians of `runs` each: `{ with, without, difference, short }`; `short` lists the audits that fail only with the
 * thread.
 */
export async function scores(withThread, without, runs) {
  const seen = { with: [], without: [] };
  for (let run = 0; run < runs; run++) {
    for (const [which, address] of [
      ['without', without],
      ['with', withThread],
    ]) {
      const chrome = await launch({ chromePath: process.env.CHROME_PATH ?? '/usr/bin/chromium', chromeFlags: flags });
      try {
        seen[which].push(await audit(address, chrome.port));
      } finally {
        await chrome.kill();
      }
    }
  }
  const medians = (which, name) => median(seen[which].map((one) => one.scores[name]));
  const result = { with: {}, without: {}, difference: {} };
  for (const name of categories) {
    for (const which of ['with', 'without']) result[which][name] = medians(which, name);
    result.difference[name] = result.with[name] - result.without[name];
  }
  const before = new Set(seen.without.flatMap((one) => one.short));
  result.short = [...new Set(seen.with.flatMap((one) => one.short))].filter((id) => !before.has(id));
  return result;
}
