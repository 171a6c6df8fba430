// Runs before anything is painted: says which palette is in force and keeps a person's choice in this browser.
(() => {
  const key = 'handrail.theme';
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');

  const chosen = () => {
    try {
      const value = localStorage.getItem(key);
      return value === 'light' || value === 'dark' ? value : 'system';
    } catch {
      return 'system';
    }
  };

  const apply = () => {
    const choice = chosen();
    root.dataset.theme = choice === 'system' ? (system.matches ? 'dark' : 'light') : choice;
    for (const element of document.querySelectorAll('theme-choice')) element.show(choice);
  };

  const choose = choice => {
    try {
      if (choice === 'system') localStorage.removeItem(key);
      else localStorage.setItem(key, choice);
    } catch {
      // Storage is forbidden here: the choice holds for this page only.
      root.dataset.theme = choice === 'system' ? (system.matches ? 'dark' : 'light') : choice;
      return;
    }
    apply();
  };

  customElements.define('theme-choice', class extends HTMLElement {
    connectedCallback() {
      if (this.firstChild) return;
      this.setAttribute('role', 'group');
      for (const [choice, name] of [['system', 'System'], ['light', 'Light'], ['dark', 'Dark']]) {
        const button = document.createElement('button');
        button.type = 'button';
        button.textContent = name;
        button.dataset.choice = choice;
        button.addEventListener('click', () => choose(choice));
        this.append(button);
      }
      this.show(chosen());
    }

    show(choice) {
      for (const button of this.children) button.setAttribute('aria-pressed', String(button.dataset.choice === choice));
    }
  });

  // Copies the text of the code beside it.
  customElements.define('copy-text', class extends HTMLElement {
    connectedCallback() {
      if (this.firstChild) return;
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = 'Copy';
      button.setAttribute('aria-live', 'polite');
      button.addEventListener('click', async () => {
        button.textContent = await copy(this.parentElement.querySelector('code')) ? 'Copied' : 'Press Ctrl+C';
        setTimeout(() => { button.textContent = 'Copy'; }, 2000);
      });
      this.append(button);
    }
  });

  const copy = async code => {
    getSelection().selectAllChildren(code);
    try {
      await navigator.clipboard.writeText(code.textContent);
      return true;
    } catch {
      // Outside https, or without leave, the clipboard is closed to scripts; copying what is selected still is not, in most browsers.
      // Where that fails too the text stays selected for the person's own Ctrl+C.
      return document.execCommand('copy');
    }
  };

  // The person's menu closes like any menu: on a click elsewhere, on Escape, on choosing a place.
  document.addEventListener('click', event => {
    for (const menu of document.querySelectorAll('details.person[open]')) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener('keydown', event => {
    if (event.key !== 'Escape') return;
    for (const menu of document.querySelectorAll('details.person[open]')) {
      menu.open = false;
      menu.querySelector('summary').focus();
    }
  });

  system.addEventListener('change', apply);
  addEventListener('storage', event => { if (event.key === key) apply(); });
  document.addEventListener('DOMContentLoaded', () => globalThis.Blazor?.addEventListener('enhancedload', apply));
  apply();
})();
