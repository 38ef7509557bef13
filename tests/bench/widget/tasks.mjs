// The longest time for which the page could not answer its reader, on a machine four times slower than this one,
// with and without the thread: from the browser's own trace of its main thread.
// Must never count what the page does without a thread as the thread's: the page without it is measured beside it.
import { browser } from '../../browser/harness.mjs';

const categories = ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline', 'blink.user_timing', 'v8.execute', '__metadata'];

/** Processor time, so that what else this machine does is not counted; the slow-down is, since it makes the thread spin. */
const spent = (event) => (event.tdur ?? event.dur) / 1000;

/** All tasks of the page's main thread, longest first: `{ ms, inside }`, where `inside` names what took the most of it. */
function tasksOf(trace, name) {
  const { traceEvents: events } = JSON.parse(trace);
  const mine = events.find((event) => event.args?.data?.documentLoaderURL?.includes(name) || event.args?.data?.url?.includes(name));
  const mains = new Set(events.filter((event) => event.name === 'thread_name' && event.args.name === 'CrRendererMain').map((event) => `${event.pid}:${event.tid}`));
  const where = mains.has(`${mine?.pid}:${mine?.tid}`) ? `${mine.pid}:${mine.tid}` : null;
  if (!where) throw new Error('the trace has no main thread of this page');
  const own = events.filter((event) => event.ph === 'X' && `${event.pid}:${event.tid}` === where);
  const tasks = own.filter((event) => event.name === 'RunTask' || event.name === 'ThreadControllerImpl::RunTask');
  return tasks
    .map((task) => {
      const inside = own
        .filter((event) => event !== task && !event.name.includes('RunTask') && event.ts >= task.ts && event.ts + event.dur <= task.ts + task.dur)
        .sort((a, b) => spent(b) - spent(a))
        .slice(0, 6)
        .map((event) => `${event.name}${event.args?.data?.functionName ? ` ${event.args.data.functionName}` : ''} ${spent(event).toFixed(1)}`);
      return { ms: spent(task), inside };
    })
    .sort((a, b) => b.ms - a.ms);
}

/** `act(page)` is what the reader does once the page is there. */
export async function tasks(address, slowdown, act) {
  const running = await browser();
  const context = await running.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
    await running.startTracing(page, { categories });
    await page.goto(address, { waitUntil: 'load' });
    await act?.(page);
    // What is done afterwards belongs to it as well.
    await page.waitForTimeout(1500);
    return tasksOf((await running.stopTracing()).toString('utf8'), new URL(address).host);
  } finally {
    await context.close();
  }
}
