// The longest time for which the page could not respond to input, on a machine slowed four times, with and without the
// thread: from the browser's own trace of its main thread.
// Must never count the page's own work as the thread's: the page without a thread is measured, too.
import { browser } from '../../browser/harness.mjs';

// Only the categories of tasks and their contents: each further one slows the page down.
const categories = ['toplevel', 'devtools.timeline', 'v8.execute', '__metadata'];

/**
 * Processor time, so that other work of this machine is not counted; the slow-down is, since it makes the thread spin.
 */
const spent = (event) => (event.tdur ?? event.dur) / 1000;

/**
 * All tasks of the page's main thread, longest first: `{ ms, inside }`, where `inside` names what took the most of it.
 * Without the task that replaces the previous document, which no thread can shorten.
 */
function tasksOf(trace, name) {
  const { traceEvents: events } = JSON.parse(trace);
  const mine = events.find(
    (event) => event.args?.data?.documentLoaderURL?.includes(name) || event.args?.data?.url?.includes(name),
  );
  const mains = new Set(
    events
      .filter((event) => event.name === 'thread_name' && event.args.name === 'CrRendererMain')
      .map((event) => `${event.pid}:${event.tid}`),
  );
  const where = mains.has(`${mine?.pid}:${mine?.tid}`) ? `${mine.pid}:${mine.tid}` : null;
  if (!where) throw new Error('the trace has no main thread of this page');
  const own = events.filter((event) => event.ph === 'X' && `${event.pid}:${event.tid}` === where);
  const tasks = own.filter((event) => event.name === 'RunTask' || event.name === 'ThreadControllerImpl::RunTask');
  return tasks
    .map((task) => {
      const within = own.filter(
        (event) =>
          event !== task &&
          !event.name.includes('RunTask') &&
          event.ts >= task.ts &&
          event.ts + event.dur <= task.ts + task.dur,
      );
      const inside = within
        .sort((a, b) => spent(b) - spent(a))
        .slice(0, 6)
        .map(
          (event) =>
            `${event.name}${event.args?.data?.functionName ? ` ${event.args.data.functionName}` : ''} ${spent(event).toFixed(1)}`,
        );
      return { ms: spent(task), inside, commits: within.some((event) => event.name === 'CommitLoad') };
    })
    .filter((task) => !task.commits)
    .sort((a, b) => b.ms - a.ms);
}

/** Presses “Show more comments” until there are no more; costs almost nothing itself. */
function press() {
  const more = () => {
    const button = document
      .querySelector('afterword-thread')
      ?.shadowRoot?.querySelector('.foot button:not([aria-disabled])');
    if (button) button.click();
  };
  setInterval(more, 1000);
}

/**
 * Observes one page for `seconds`, and returns its tasks and its final number of comments. Nothing is evaluated in the
 * page until then: an evaluation is a task of the page, too, and often the longest.
 */
export async function tasks(address, slowdown, { seconds, all = false }) {
  const running = await browser();
  const context = await running.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    const page = await context.newPage();
    if (all) await page.addInitScript(press);
    const session = await context.newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
    await running.startTracing(page, { categories });
    await page.goto(address, { waitUntil: 'commit' });
    await new Promise((done) => setTimeout(done, seconds * 1000));
    const trace = (await running.stopTracing()).toString('utf8');
    await session.send('Emulation.setCPUThrottlingRate', { rate: 1 });
    const drawn = await page.locator('article.comment').count();
    return { tasks: tasksOf(trace, new URL(address).host), drawn };
  } finally {
    await context.close();
  }
}
