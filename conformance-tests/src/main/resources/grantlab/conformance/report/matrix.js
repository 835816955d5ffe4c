"use strict";
(() => {
  const doc = JSON.parse(document.getElementById("document").textContent);
  const detail = document.getElementById("detail");
  const filter = document.getElementById("filter");
  const grid = document.getElementById("grid");
  const choices = [...document.querySelectorAll(".choice button[data-show]")];

  // What a verdict looks like: class and symbol. Colour never stands alone.
  const LOOK = {
    "passed": ["good", "✓"], "failed": ["bad", "✗"], "error": ["bad", "!"], "not applicable": ["none", "–"],
    "not run": ["none", "·"],
  };
  const WORDS = {
    "passed": "kept", "failed": "broken", "error": "the clause could not be carried out", "not applicable": "not applicable",
    "not run": "not run here: another part of the matrix has it",
  };
  // Where a place of the combination plays no part in a clause there is no cell; a part of a matrix (--shard) has not every one.
  const ABSENT = doc.shard ? { verdict: "not run" }
    : { verdict: "not applicable", reason: "a place of this combination plays no part" };
  const cells = new Map(doc.cells.map(cell => [cell.combination + "/" + cell.clause, cell]));
  const cellOf = (name, id) => cells.get(name + "/" + id) || { combination: name, clause: id, ...ABSENT };
  const lookOf = (name, id) => LOOK[cellOf(name, id).verdict][0];
  const names = doc.combinations.map(combination => combination.name);
  // What an earlier run, with which this one was compared, said of a cell where it says something else.
  const was = new Map((doc.earlier ? doc.earlier.changes : []).map(change => [change.combination + "/" + change.clause, change.was || "not there"]));
  // Who opens a report of broken promises comes for those.
  let show = doc.success || location.hash ? "all" : "bad";

  function h(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.flat().filter(child => child !== null && child !== undefined));
    return element;
  }

  // ---- what is chosen: the fragment is [combination] [/] [family or clause]

  function chosen() {
    const text = decodeURIComponent(location.hash.slice(1));
    let combination = names.find(name => text === name || text.startsWith(name + "/")) || null;
    const rest = combination === null ? text : text.slice(combination.length + 1);
    let family = null, clause = null;
    for (const row of doc.families) {
      if (row.prefix === rest) family = row;
      const entry = row.clauses.find(candidate => candidate.id === rest);
      if (entry) { family = row; clause = entry; }
    }
    return { combination, family, clause };
  }

  function link(combination, rest) {
    return "#" + [combination, rest].filter(part => part !== null).join("/");
  }

  // ---- what is shown of it

  function matches(clause, combinations, shown = show) {
    const words = filter.value.toLowerCase().split(/\s+/).filter(word => word);
    const text = [clause.id, clause.promise, clause.source, ...clause.needs].join(" ").toLowerCase();
    if (!words.every(word => text.includes(word))) return false;
    if (shown === "all") return true;
    return combinations.some(name => shown === "changed" ? was.has(name + "/" + clause.id) : lookOf(name, clause.id) === shown);
  }

  function render() {
    const { combination, family, clause } = chosen();
    const combinations = combination === null ? columns() : [combination];
    const families = family !== null ? [family]
      : doc.families.filter(row => familyChoice.value === "" || row.prefix === familyChoice.value);
    mark(combination, family);
    for (const button of choices) {
      const entries = families.flatMap(row => row.clauses);
      const count = entries.filter(entry => matches(entry, combinations, button.dataset.show)).length;
      button.querySelector("span").textContent = count;
      button.setAttribute("aria-pressed", String(button.dataset.show === show));
    }
    const sections = [];
    let count = 0;
    for (const row of families) {
      const visible = row.clauses.filter(entry => matches(entry, combinations));
      count += visible.length;
      if (visible.length === 0) continue;
      const list = () => h("div", { class: "clauses" },
        visible.map(entry => clauseElement(entry, combinations, combination, isOpen(entry, clause, combination, visible))));
      sections.push(families.length > 1 ? familyElement(row, visible, combinations, list) : list());
    }
    if (count === 0) sections.push(h("p", { class: "note" }, "No clause matches."));
    detail.replaceChildren(...heading(combination, family, combinations, families), ...sections);
    sayFold();
  }

  // ---- groups

  // What somebody folded or unfolded stays so; the rest is folded while nothing narrows the list.
  const folds = new Map();

  function isUnfolded(row) {
    const narrowed = filter.value.trim() !== "" || show !== "all";
    return folds.has(row.prefix) ? folds.get(row.prefix) : narrowed;
  }

  function familyElement(row, visible, combinations, list) {
    const broken = visible.filter(entry => combinations.some(name => lookOf(name, entry.id) === "bad")).length;
    const count = visible.length + (visible.length === 1 ? " clause" : " clauses");
    const element = h("details", { class: "family", open: isUnfolded(row), "data-group": row.prefix },
      h("summary", {}, h("h3", {}, h("span", { class: "prefix" }, row.prefix), row.title),
        h("span", { class: "why" }, count, broken > 0 ? [", ", h("span", { class: "bad" }, broken + " broken")] : null)));
    // Clauses are listed when their group is first unfolded.
    const fill = () => {
      if (element.open && element.children.length === 1) element.append(list());
    };
    element.addEventListener("toggle", () => { fill(); folds.set(row.prefix, element.open); sayFold(); });
    fill();
    return element;
  }

  function groups() {
    return [...detail.querySelectorAll("details.family")];
  }

  function sayFold() {
    const all = groups();
    fold.parentElement.hidden = all.length === 0;
    fold.textContent = all.some(group => group.open) ? "Fold all" : "Unfold all";
  }

  function foldAll() {
    const open = !groups().some(group => group.open);
    for (const row of doc.families) folds.set(row.prefix, open);
    render();
  }

  function isOpen(entry, clause, combination, visible) {
    if (clause !== null) return entry === clause;
    // In a chosen combination what broke is what the reader came for; more than a few would bury it.
    const broken = candidate => lookOf(combination, candidate.id) === "bad";
    return combination !== null && broken(entry) && visible.filter(broken).length <= 3;
  }

  function heading(combination, family, combinations, families) {
    const ids = families.flatMap(row => row.clauses.map(entry => entry.id));
    const tally = { good: 0, bad: 0, none: 0 };
    for (const name of combinations) for (const id of ids) tally[lookOf(name, id)]++;
    const what = { all: "All clauses", bad: "Broken promises", good: "Promises that are kept",
      none: "Clauses that are not applicable", changed: "Clauses of which the earlier run said something else" }[show];
    const title = (family === null ? what : family.title)
      + (combination === null ? "" : " in " + combination);
    const counts = [tally.good + " kept"];
    if (tally.bad > 0) counts.push(tally.bad + " broken");
    if (tally.none > 0) counts.push(tally.none + " not applicable");
    const back = combination !== null || family !== null ? [" · ", h("a", { href: "#" }, "show everything")] : [];
    const gone = show === "changed" && doc.earlier.gone.length > 0
      ? [h("p", { class: "sub" }, "No longer there: " + doc.earlier.gone.join(", "))] : [];
    return [h("h2", {}, title), h("p", { class: "sub" }, counts.join(", "), back), ...gone];
  }

  function worst(entry, combinations) {
    const verdicts = combinations.map(name => cellOf(name, entry.id).verdict);
    for (const verdict of ["failed", "error", "passed"]) if (verdicts.includes(verdict)) return verdict;
    return "not applicable";
  }

  function clauseElement(entry, combinations, combination, open) {
    const verdict = worst(entry, combinations);
    const [look, symbol] = LOOK[verdict];
    const cell = combination === null ? null : cellOf(combination, entry.id);
    const side = cell === null ? strip(entry)
      : h("span", { class: "why" }, cell.reason || (cell.failure ? cell.failure.message : ""));
    const summary = h("summary", {},
      h("span", { class: "symbol", "aria-label": verdict, title: verdict }, symbol),
      h("span", { class: "id" }, entry.id),
      h("span", { class: "promise" }, entry.promise),
      cell !== null && cell.failure ? null : side);
    const element = h("details", { class: "clause " + look, open, "data-id": entry.id }, summary);
    // Bodies are built when they are first opened: failures carry whole domains.
    const fill = () => {
      if (element.open && element.children.length === 1) element.append(body(entry, combinations, combination));
    };
    element.addEventListener("toggle", fill);
    summary.addEventListener("click", () => { if (!element.open) remember(entry, combination); });
    fill();
    return element;
  }

  function strip(entry) {
    return h("span", { class: "strip" }, columns().map(name => {
      const verdict = cellOf(name, entry.id).verdict;
      const [look, symbol] = LOOK[verdict];
      return h("span", { class: look, title: name + ": " + verdict, "aria-label": name + ": " + verdict }, symbol);
    }));
  }

  /* The address bar names what is open, so that it can be sent to somebody; without a new entry in the history. */
  function remember(entry, combination) {
    history.replaceState(null, "", link(combination, entry.id));
    const now = chosen();
    mark(now.combination, now.family);
  }

  function body(entry, combinations, combination) {
    const needs = entry.needs.length === 0 ? "nothing beyond the contract"
      : entry.needs.map(need => h("span", { class: "tag" }, need));
    const here = link(combination, entry.id);
    const facts = [h("dt", {}, "Link"), h("dd", {}, h("a", { class: "tag", href: here }, here)), h("dt", {}, "Source"), h("dd", {}, entry.source), h("dt", {}, "Needs"), h("dd", {}, needs)];
    if (combination === null) {
      facts.push(h("dt", {}, "Results"), h("dd", {}, h("ul", { class: "results" }, combinations.map(name => result(entry, name)))));
    } else {
      const cell = cellOf(combination, entry.id);
      facts.push(h("dt", {}, "Result"), h("dd", {}, WORDS[cell.verdict] + (cell.reason ? ": " + cell.reason : ""), earlier(cell)));
      if (cell.cost) facts.push(h("dt", {}, "Cost"), h("dd", {}, cost(cell.cost)));
    }
    const failures = combinations.map(name => cellOf(name, entry.id)).filter(cell => cell.failure);
    // One failure is shown whole; of several, each is one click away.
    const shown = combination !== null || failures.length === 1 ? failures : [];
    return h("div", { class: "body" }, h("dl", {}, facts), shown.map(cell => failure(cell)));
  }

  function result(entry, name) {
    const cell = cellOf(name, entry.id);
    const [look, symbol] = LOOK[cell.verdict];
    return h("li", { class: look },
      h("span", { class: "symbol", "aria-label": cell.verdict }, symbol),
      h("a", { href: link(name, entry.id) }, name),
      h("span", { class: "why" }, cell.reason || (cell.failure ? cell.failure.message : cell.cost ? cost(cell.cost) : WORDS[cell.verdict]), earlier(cell)));
  }

  function earlier(cell) {
    const before = was.get(cell.combination + "/" + cell.clause);
    return before === undefined ? null : h("span", { class: "was" }, "earlier: " + (WORDS[before] || before));
  }

  function cost(cost) {
    const time = cost.micros < 1000 ? cost.micros + " µs" : (cost.micros / 1000).toFixed(1) + " ms";
    const calls = cost.hypercalls + (cost.hypercalls === 1 ? " hypercall" : " hypercalls");
    return `${calls}, ${cost.loads} loads, ${cost.stores} stores, ${time}`;
  }

  function failure(cell) {
    const { message, comparison, location, trace, steps, before, states, replay } = cell.failure;
    return h("article", { class: "failure" },
      h("header", {},
        h("p", { class: "message" }, comparison ? comparison.what : message),
        h("p", { class: "where" }, cell.combination + "  ·  " + location)),
      comparison ? h("div", { class: "compare" },
        h("span", {}, "expected"), h("b", {}, comparison.expected), h("span", {}, "got"), h("b", {}, comparison.got)) : null,
      trace.length === 0 ? null : [h("h4", {}, "Thrown"), h("ol", { class: "steps" }, h("pre", {}, trace.join("\n")))],
      steps.length === 0 ? null
        : [h("h4", {}, "Steps"), h("ol", { class: "steps" }, steps.map((step, n) => stepElement(step, n === steps.length - 1)))],
      before.length === 0 ? h("div", { class: "states" }, states.map(state => stateElement(state, stateName(state), [state.text])))
        : h("div", { class: "states pairs" }, states.flatMap(state => pair(before.find(other => other.domid === state.domid), state))),
      h("div", { class: "again" }, "Again: ", h("code", {}, replay)));
  }

  function stateName(state) {
    return state.domid < 0 ? state.role : `State of d${state.domid}, the ${state.role}`;
  }

  function stateElement(state, name, lines) {
    return h("section", { "data-state": state.domid }, h("h4", {}, name), h("pre", { tabindex: "0" }, lines));
  }

  /* Side by side: as the last step began, and when it broke; what differs is marked on its side. */
  function pair(then, now) {
    if (!then) return [h("section", {}), stateElement(now, stateName(now) + ", when it broke", [now.text])];
    const [left, right] = difference(then.text.split("\n"), now.text.split("\n"));
    return [stateElement(then, stateName(then) + ", before the last step", left),
      stateElement(now, stateName(now) + ", when it broke", right)];
  }

  /* The longest lines in common stand on both sides; the others went, or came. */
  function difference(a, b) {
    const common = Array.from({ length: a.length + 1 }, () => new Array(b.length + 1).fill(0));
    for (let i = a.length - 1; i >= 0; i--) {
      for (let j = b.length - 1; j >= 0; j--) {
        common[i][j] = a[i] === b[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    const left = [], right = [];
    for (let i = 0, j = 0; i < a.length || j < b.length;) {
      if (i < a.length && j < b.length && a[i] === b[j]) {
        left.push(a[i++] + "\n");
        right.push(b[j++] + "\n");
      } else if (j >= b.length || (i < a.length && common[i + 1][j] >= common[i][j + 1])) {
        left.push(h("span", { class: "gone" }, a[i++]), "\n");
      } else {
        right.push(h("span", { class: "come" }, b[j++]), "\n");
      }
    }
    return [left, right];
  }

  function stepElement(step, last) {
    return h("li", { class: last ? "broke" : null }, step.text + (last ? " — here" : ""),
      step.calls.length === 0 ? null : h("pre", {}, step.calls.flatMap((call, n) => {
        const at = call.indexOf("  # ");
        const end = n === step.calls.length - 1 ? "" : "\n";
        return at < 0 ? [h("span", { class: call.startsWith("#") ? "answer" : null }, call), end]
          : [call.slice(0, at), h("span", { class: "answer" }, call.slice(at)), end];
      })));
  }

  // ---- the axes: one choice for each place that different implementations take, whatever places there are

  const fold = document.getElementById("fold");
  const axes = document.getElementById("axes");
  const familyChoice = choice("family", doc.families.map(row => row.prefix));
  const places = [...new Set(doc.combinations.flatMap(combination => combination.members.map(member => member.place)))];
  const standing = (combination, place) => {
    const member = combination.members.find(candidate => candidate.place === place);
    return member ? member.name : "none";
  };
  const placeChoices = places.map(place =>
    [place, choice(place, [...new Set(doc.combinations.map(combination => standing(combination, place)))])]);

  function choice(name, values) {
    const select = h("select", { "data-axis": name, "aria-label": name },
      h("option", { value: "" }, "any"), values.map(value => h("option", { value }, value)));
    if (values.length > 1) axes.append(h("label", {}, name, select));
    select.addEventListener("change", () => {
      select.classList.toggle("narrowed", select.value !== "");
      render();
    });
    return select;
  }

  /* The combinations that the axes leave. */
  function columns() {
    return doc.combinations
      .filter(combination => placeChoices.every(([place, select]) => select.value === "" || standing(combination, place) === select.value))
      .map(combination => combination.name);
  }

  // ---- the grid

  function narrow(shown) {
    const visible = names.map(name => shown.includes(name));
    const [formats, heads] = grid.tHead.rows;
    let at = 0;
    for (const head of formats.querySelectorAll("th.format")) {
      const span = Number(head.dataset.span);
      const left = visible.slice(at, at + span).filter(one => one).length;
      head.hidden = left === 0;
      head.colSpan = Math.max(1, left);
      at += span;
    }
    for (const row of [heads, ...grid.tBodies[0].rows]) {
      visible.forEach((one, n) => { row.cells[n + 1].hidden = !one; });
    }
    grid.style.setProperty("--columns", shown.length);
    const [, wide] = grid.querySelectorAll("col");
    wide.span = Math.max(1, shown.length);
  }

  function mark(combination, family) {
    narrow(combination === null ? columns() : [...new Set([...columns(), combination])]);
    const wanted = combination === null && family === null ? null : link(combination, family === null ? null : family.prefix);
    for (const element of grid.querySelectorAll("a")) {
      if (element.getAttribute("href") === wanted) element.setAttribute("aria-current", "true");
      else element.removeAttribute("aria-current");
    }
    for (const row of grid.querySelectorAll("tr[data-family]")) {
      const clauses = doc.families.find(candidate => candidate.prefix === row.dataset.family).clauses;
      row.classList.toggle("away", !clauses.some(entry => matches(entry, names, "all")));
      row.hidden = familyChoice.value !== "" && row.dataset.family !== familyChoice.value;
    }
  }

  grid.addEventListener("keydown", event => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const field = event.target.closest("td, th");
    if (!step || !field) return;
    let row = field.parentElement, target = field;
    do { // over what the axes hide
      row = grid.rows[row.rowIndex + step[0]];
      target = row && row.cells[target.cellIndex + step[1]];
    } while (target && (target.hidden || row.hidden));
    const anchor = target && target.querySelector("a");
    if (anchor) { anchor.focus(); event.preventDefault(); }
  });

  // ---- the tools

  fold.addEventListener("click", foldAll);
  document.querySelector('[data-show="changed"]').hidden = !doc.earlier;
  filter.addEventListener("input", render);
  for (const button of choices) {
    button.addEventListener("click", () => {
      show = button.dataset.show;
      render();
    });
  }
  document.addEventListener("keydown", event => {
    if (event.key === "f" && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.closest("input, select")) foldAll();
    if (event.key === "/" && document.activeElement !== filter) { filter.focus(); event.preventDefault(); }
    if (event.key === "Escape") {
      filter.value = "";
      show = "all";
      for (const select of axes.querySelectorAll("select")) {
        select.value = "";
        select.classList.remove("narrowed");
      }
      if (location.hash) location.hash = ""; else render();
    }
  });
  addEventListener("hashchange", () => {
    // What was chosen in the grid is shown whatever was left out before.
    if (location.hash) show = "all";
    render();
    reveal("auto");
  });

  function reveal(behavior) {
    const { combination, family, clause } = chosen();
    if (clause !== null) {
      const element = detail.querySelector(`[data-id="${clause.id}"]`);
      if (element) element.scrollIntoView({ block: "start", behavior });
    } else if (combination !== null || family !== null) {
      // What was chosen may begin far below a tall grid.
      const tools = document.querySelector(".tools");
      const top = tools.getBoundingClientRect().top;
      if (top < 0 || top > innerHeight * 0.6) tools.scrollIntoView({ block: "start", behavior });
    }
  }

  render();
  reveal("instant");
})();
