// The board of three or more responses: rows are dragged, moved by buttons, or ranked by number keys. The radio
// buttons hold the order, so all of it works without this file.

function board() {
  return document.querySelector(".board");
}

function rowsOf(shown) {
  return [...shown.querySelectorAll(".row")];
}

function rankOf(row) {
  return Number(row.querySelector(".ranks input:checked")?.value ?? 0);
}

function setRank(row, rank) {
  row.querySelector(`.ranks input[value="${rank}"]`).checked = true;
}

// Rows that share a rank, best first; those without one stand alone at the end, as they lie on the page.
function groups(shown) {
  const byRank = new Map();
  const unranked = [];
  for (const row of rowsOf(shown)) {
    const rank = rankOf(row);
    if (!rank) unranked.push([row]);
    else byRank.set(rank, [...(byRank.get(rank) ?? []), row]);
  }
  return [...[...byRank.keys()].sort((a, b) => a - b).map((rank) => byRank.get(rank)), ...unranked];
}

function write(shown, ordered) {
  ordered.forEach((group, index) => { for (const row of group) setRank(row, index + 1); });
  chooseOrder(shown);
  const focused = document.activeElement;
  const list = shown.querySelector(".rows");
  // Moving a node takes the focus from it.
  for (const row of ordered.flat()) list.append(row);
  if (list.contains(focused)) focused.focus();
  tell(shown);
  list.querySelector("input").dispatchEvent(new Event("change", { bubbles: true }));
}

function chooseOrder(shown) {
  shown.querySelector('input[name="verdict"][value="ordered"]').checked = true;
}

// Out of a tie to its better side, or into the tie above; and the other way round.
function move(shown, row, step) {
  const ordered = groups(shown);
  const at = ordered.findIndex((group) => group.includes(row));
  const group = ordered[at];
  if (group.length > 1) {
    const rest = group.filter((each) => each !== row);
    ordered.splice(at, 1, ...(step < 0 ? [[row], rest] : [rest, [row]]));
  } else if (ordered[at + step]) {
    ordered[at + step] = step < 0 ? [...ordered[at + step], row] : [row, ...ordered[at + step]];
    ordered.splice(at, 1);
  }
  write(shown, ordered);
}

// A dragged row leaves its tie; the other ties stay as long as nothing was dropped into them.
function drop(shown, dragged) {
  const ranks = new Map(rowsOf(shown).map((row) => [row, rankOf(row)]));
  const ordered = [];
  let previous = null;
  for (const row of rowsOf(shown)) {
    const isTied = previous && previous !== dragged && row !== dragged && ranks.get(row) && ranks.get(row) === ranks.get(previous);
    if (isTied) ordered.at(-1).push(row);
    else ordered.push([row]);
    previous = row;
  }
  write(shown, ordered);
}

function tell(shown) {
  const name = (group) => group.map((row) => row.dataset.letter).join(` ${shown.dataset.and} `);
  const ranked = groups(shown).filter((group) => rankOf(group[0]));
  const left = rowsOf(shown).filter((row) => !rankOf(row));
  const order = ranked.map(name).join(` ${shown.dataset.then} `);
  const open = left.length && ranked.length ? ` (${shown.dataset.unranked} ${left.map((row) => row.dataset.letter).join(", ")})` : "";
  shown.querySelector(".board-status").textContent = order + open;
}

function current(shown) {
  const focused = document.activeElement?.closest?.(".row");
  return focused ?? shown.querySelector(".row.current") ?? nextUnranked(shown);
}

function nextUnranked(shown) {
  return rowsOf(shown).find((row) => !rankOf(row));
}

function markCurrent(shown, row) {
  for (const each of rowsOf(shown)) each.classList.toggle("current", each === row);
}

function isTypingIn(target) {
  return target.closest("input:not([type=radio], [type=checkbox]), textarea, select, dialog") !== null;
}

document.addEventListener("keydown", (event) => {
  const shown = board();
  if (!shown || event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  const rank = Number(event.key);
  if (isTypingIn(event.target) || !Number.isInteger(rank) || rank < 1 || rank > rowsOf(shown).length) return;
  const row = current(shown);
  if (!row) return;
  event.preventDefault();
  setRank(row, rank);
  row.querySelector(`.ranks input[value="${rank}"]`).dispatchEvent(new Event("change", { bubbles: true }));
  document.activeElement?.closest?.(".row") && document.querySelector("#task")?.focus({ preventScroll: true });
});

document.addEventListener("change", (event) => {
  const shown = event.target.closest(".board");
  if (!shown || !event.target.name?.startsWith("rank_")) return;
  chooseOrder(shown);
  markCurrent(shown, nextUnranked(shown));
  tell(shown);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest(".board .better, .board .worse");
  if (button) move(button.closest(".board"), button.closest(".row"), button.matches(".better") ? -1 : 1);
});

document.addEventListener("focusin", (event) => {
  const row = event.target.closest(".board .row");
  if (row) markCurrent(row.closest(".board"), row);
});

function prepareBoard() {
  const shown = board();
  if (!shown || shown.dataset.isReady) return;
  shown.dataset.isReady = "yes";
  for (const part of shown.querySelectorAll(".grip, .moves, .board-hint")) part.hidden = false;
  Sortable.create(shown.querySelector(".rows"), {
    handle: ".grip",
    animation: 0,
    onEnd: (event) => drop(shown, event.item),
  });
  markCurrent(shown, nextUnranked(shown));
  tell(shown);
}

prepareBoard();
document.addEventListener("htmx:afterSwap", prepareBoard);
