// until(page, 'a moving picture', () => …): polls a function in the page until it is true.
export function until(page, what, fn, ...args) {
  return page.evaluate(async (source, label, given) => {
    const check = new Function(`return (${source})`)();
    for (const end = performance.now() + 10_000; performance.now() < end;) {
      const value = await check(...given);
      if (value) return value;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const states = [...document.querySelectorAll('[role=status]')].map((one) => one.textContent).join(' | ');
    throw new Error(`waited in vain for: ${label}; the page says: ${states}`);
  }, String(fn), what, args);
}

export const says = (page, id, text) => until(page, `“${text}” in #${id}`,
  (where, words) => document.getElementById(where).textContent.includes(words), id, text);
export const moves = (page, id) => until(page, `a moving picture in #${id}`, (where) => {
  const video = document.getElementById(where);
  return video.videoWidth > 0 && !video.paused && video.currentTime > 0.2;
}, id);
// A page is shown before its scripts have run to their ends: a button is pressed once it listens.
export async function click(page, id) {
  await until(page, `a listening #${id}`, (where) => {
    const button = document.getElementById(where);
    return button.onclick !== null || button.form !== null;
  }, id);
  return page.evaluate((where) => document.getElementById(where).click(), id);
}
export const type = (page, id, text) => page.evaluate((where, words) => { document.getElementById(where).value = words; }, id, text);

// Polls here, where until() polls in the page; gives the first answer that is true.
export async function eventually(what, ask, milliseconds = 10_000) {
  for (const end = performance.now() + milliseconds; performance.now() < end;) {
    const answer = await ask();
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`waited in vain for: ${what}`);
}
