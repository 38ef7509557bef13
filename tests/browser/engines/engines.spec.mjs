// Every host page in three engines: what owners may do with a page, and what readers see there.
// Prints a table of scenario × engine without gaps: a feature that an engine lacks is stated.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Chromium, Firefox } from './puppeteer.mjs';
import { WebKit } from './webkit.mjs';
import { Fixture } from './fixture.mjs';
import scenarios from './scenarios/all.mjs';

const ENGINES = [Chromium, Firefox, WebKit];
const folder = fileURLToPath(new URL('../../out/engines/', import.meta.url));
/** For development: only the scenarios and engines whose names contain this; the table says so. */
const only = process.env.AFTERWORD_SCENARIO?.toLowerCase();
const onlyEngine = process.env.AFTERWORD_BROWSER?.toLowerCase();

assert.ok(
  !process.env.CI || (!only && !onlyEngine),
  'in CI nothing is left out: unset AFTERWORD_SCENARIO and AFTERWORD_BROWSER',
);

const wanted = scenarios.filter(({ name }) => !only || name.toLowerCase().includes(only));
const engines = ENGINES.filter(({ title }) => !onlyEngine || title.toLowerCase().includes(onlyEngine));
const SECOND = 'passed, second try';
const cells = new Map(wanted.map(({ name }) => [name, {}]));
const versions = {};

/**
 * A scenario's second try, in a fresh browser and on a fresh server: a busy machine can starve a page. The table shows
 * it.
 */
async function again(Engine, scenario, folder) {
  const fixture = await Fixture.start(Engine, folder);
  try {
    return (await fixture.run(scenario)) ?? SECOND;
  } finally {
    await fixture.stop();
  }
}

// One engine after the other: three browsers at a time are too much for two processors.
test('every scenario in every engine', { concurrency: 1 }, (t) =>
  Promise.all(
    engines.map((Engine) =>
      t.test(Engine.title, async (t) => {
        const pictures = path.join(folder, Engine.title.toLowerCase().replace(/\W+/g, '-'));
        await mkdir(pictures, { recursive: true });
        const fixture = await Fixture.start(Engine, pictures);
        try {
          for (const scenario of wanted) {
            cells.get(scenario.name)[Engine.title] = 'FAILED';
            await t.test(scenario.name, { timeout: 180_000 }, async (t) => {
              const lacking = await fixture.run(scenario).catch((error) => {
                t.diagnostic(`${Engine.title}, first try: ${error.message}`);
                return again(Engine, scenario, pictures);
              });
              if (lacking) t.diagnostic(`${Engine.title}: ${lacking}`);
              cells.get(scenario.name)[Engine.title] = lacking ?? 'passed';
            });
          }
          versions[Engine.title] = fixture.engine.version;
        } finally {
          await fixture.stop();
        }
      }),
    ),
  ),
);

test('what an engine may lack, Chromium has', {
  skip: !engines.includes(Chromium) && 'Chromium was not asked for',
}, () => {
  for (const [name, row] of cells)
    assert.ok(['passed', SECOND].includes(row[Chromium.title]), `${name} in Chromium: ${row[Chromium.title]}`);
});

after(() => {
  const width = Math.max(...wanted.map(({ name }) => name.length));
  const line = (first, rest) =>
    console.log([first.padEnd(width), ...rest.map((one) => one.padEnd(24))].join('  ').trimEnd());
  line(
    only || onlyEngine ? '(not all: AFTERWORD_SCENARIO or AFTERWORD_BROWSER is set)' : '',
    ENGINES.map(({ title }) => title),
  );
  line(
    '',
    ENGINES.map(({ title }) => versions[title] ?? ''),
  );
  for (const [name, row] of cells)
    line(
      name,
      ENGINES.map(({ title }) => row[title] ?? 'NOT RUN'),
    );
});
