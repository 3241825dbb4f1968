// A delivery's page: copies its address. Without it, the browser's own address is the same.
import { copy } from './console.js';

/** Shows the buttons that need scripts; for what a module has added. */
export function showButtons(within) {
  for (const button of within.querySelectorAll('button[data-copy], button[data-link]')) {
    button.hidden = false;
  }
}

showButtons(document);
document.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-link]');
  if (button) {
    copy(new URL(button.dataset.link, location.origin).href, 'Link');
  }
});
