// SoPro · the board: cards move by drag, focus moves by arrow keys. The menus of the cards do the same without a script.
const board = document.querySelector('[data-board]');

const lanes = () => [...board.querySelectorAll('[data-lane]')];
const links = (lane) => [...lane.querySelectorAll('.case h3 a')];

/** Press the button of the card's own menu that leads to a phase. */
const move = (card, phase) => card.querySelector(`button[data-to="${phase}"]`)?.form.requestSubmit();

if (board) {
  let dragged = null;
  const over = (lane) => lanes().forEach((one) => one.toggleAttribute('data-over', one === lane));

  board.addEventListener('dragstart', (e) => {
    dragged = e.target.closest('.case[draggable]');
    if (!dragged) return;
    e.dataTransfer.effectAllowed = 'move';
    e.dataTransfer.setData('text/plain', dragged.dataset.case);
    dragged.toggleAttribute('data-drag', true);
  });
  board.addEventListener('dragend', () => { dragged?.removeAttribute('data-drag'); dragged = null; over(null); });
  board.addEventListener('dragover', (e) => {
    const lane = e.target.closest('[data-lane]');
    if (!dragged || !lane) return;
    e.preventDefault(); over(lane);
  });
  board.addEventListener('drop', (e) => {
    const lane = e.target.closest('[data-lane]');
    if (!dragged || !lane) return;
    e.preventDefault();
    if (!lane.contains(dragged)) move(dragged, lane.dataset.lane);
  });

  board.addEventListener('keydown', (e) => {
    const link = e.target.closest('.case h3 a'), lane = link?.closest('[data-lane]');
    if (!link || e.ctrlKey || e.metaKey || e.altKey) return;
    const here = links(lane), place = here.indexOf(link), around = lanes().filter((one) => links(one).length);
    const beside = (step) => { const other = around[around.indexOf(lane) + step]; return other && links(other)[Math.min(place, links(other).length - 1)]; };
    const next = { ArrowDown: () => here[place + 1], ArrowUp: () => here[place - 1], ArrowRight: () => beside(1), ArrowLeft: () => beside(-1) }[e.key]?.();
    if (next) { e.preventDefault(); next.focus(); }
  });
}
