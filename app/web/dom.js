// The few words of the DOM that every page uses. Foreign text only ever becomes a text node.
export const $ = (id) => document.getElementById(id);
export const show = (id, text) => { $(id).textContent = text; };

// element('button', { onclick: f, ariaLabel: 'Call Ada' }, 'Ada')
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  Object.assign(made, properties);
  made.append(...children);
  return made;
}

// A line in a list that is read out and scrolled into view; the oldest lines go.
export function addLine(list, ...children) {
  const item = element('li', {}, ...children);
  list.append(item);
  while (list.children.length > 500) list.firstChild.remove();
  list.scrollTop = list.scrollHeight;
  return item;
}
