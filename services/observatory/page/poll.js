// Doing something again and again while somebody is looking.

/**
 * Runs `task(signal)` at once and then `intervalMs` after each end, while the tab is visible.
 * A task that throws is tried again after the same time: the task shows its own errors.
 */
export function poll(task, intervalMs) {
  let timer = null;
  let running = null;
  let stopped = true;

  async function run() {
    clearTimeout(timer);
    running?.abort();
    const controller = new AbortController();
    running = controller;
    try {
      await task(controller.signal);
    } catch (error) {
      if (!controller.signal.aborted) console.error(error);
    }
    if (running !== controller) return;
    running = null;
    schedule();
  }

  function schedule() {
    clearTimeout(timer);
    if (!stopped && !document.hidden) timer = setTimeout(run, intervalMs);
  }

  function onVisibility() {
    if (stopped) return;
    if (document.hidden) clearTimeout(timer);
    else if (!running) run();
  }

  return {
    /** Begins, or goes on after `stop`, with a run at once. */
    start() {
      if (stopped) document.addEventListener('visibilitychange', onVisibility);
      stopped = false;
      run();
    },
    /** One run now, whether started or stopped; an unfinished one is abandoned. */
    now: run,
    /** Ends; an unfinished run is abandoned. */
    stop() {
      stopped = true;
      clearTimeout(timer);
      running?.abort();
      running = null;
      document.removeEventListener('visibilitychange', onVisibility);
    },
  };
}
