// Sets the theme before the first paint, so that a dark page does not flash in light. It is a file of its own because the content
// security policy allows no inline script. The key and the attribute are Mantine's.
(() => {
  let scheme = null;
  try {
    scheme = window.localStorage.getItem('mantine-color-scheme-value');
  } catch {
    // Storage is switched off: the system's theme it is.
  }
  if (scheme !== 'light' && scheme !== 'dark') {
    scheme = window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  }
  document.documentElement.setAttribute('data-mantine-color-scheme', scheme);
})();
