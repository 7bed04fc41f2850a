// Sets the chosen theme before anything is painted. A classic script on purpose: modules run after the first paint.
try {
  const theme = localStorage.getItem('observatory.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system's theme is used.
}
