// Dead letters: filters apply by themselves, and a run shows how far it is. Without it, both need a reload.
import { say } from './console.js';

const form = document.getElementById('filter');
form?.addEventListener('change', () => form.requestSubmit());

const run = document.getElementById('run');

async function look() {
  try {
    const response = await fetch(`/dead-letters/runs/${run.dataset.run}`, { headers: { accept: 'application/json' } });
    const report = await response.json();
    if (!report.running) {
      location.reload();
      return;
    }
    run.textContent = `${report.driven + report.copies + report.kept} so far. It goes on when you leave this page.`;
  } catch (failure) {
    say('The console does not answer; this page tries again');
  }
  setTimeout(look, 1000);
}

if (run) {
  setTimeout(look, 500);
}
