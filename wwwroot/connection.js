// Starts the pages' connection and says plainly when it is lost: nothing shown then may look current.
(() => {
  const root = document.documentElement;
  const told = document.getElementById('components-reconnect-modal');
  const banner = document.querySelector('.connection');
  const lostAt = banner.querySelector('[data-lost-at]');
  let circuit = true;

  const show = () => {
    const lost = !circuit || !navigator.onLine;
    if (lost === ('lost' in root.dataset)) return;
    if (lost) {
      const now = new Date();
      lostAt.dateTime = now.toISOString();
      lostAt.textContent = now.toLocaleTimeString();
      root.dataset.lost = '';
    } else {
      delete root.dataset.lost;
    }
    banner.hidden = !lost;
    for (const shell of document.querySelectorAll('.shell')) shell.inert = lost;
  };

  told.addEventListener('components-reconnect-state-changed', event => {
    const state = event.detail.state;
    // The console is there but no longer knows this page: it was restarted, or the right to it was taken away.
    if (state === 'rejected' || state === 'resume-failed') location.reload();
    circuit = state === 'hide';
    show();
  });
  banner.querySelector('[data-reload]').addEventListener('click', () => location.reload());
  addEventListener('offline', show);
  addEventListener('online', show);

  Blazor.start({
    circuit: {
      configureSignalR: builder => builder.withServerTimeout(9000).withKeepAliveInterval(5000),
      reconnectionOptions: {
        maxRetries: Number.MAX_SAFE_INTEGER,
        retryIntervalMilliseconds: attempt => attempt === 0 ? 0 : attempt < 5 ? 500 : attempt < 30 ? 2000 : 5000,
      },
    },
  });
})();
