"use strict";
(() => {
  const doc = JSON.parse(document.getElementById("document").textContent);
  const detail = document.getElementById("detail");
  const filter = document.getElementById("filter");
  const grid = document.getElementById("grid");
  const choices = [...document.querySelectorAll(".choice button")];

  // What a verdict looks like: class and symbol. Colour never stands alone.
  const LOOK = {
    "passed": ["good", "✓"], "failed": ["bad", "✗"], "error": ["bad", "!"], "not applicable": ["none", "–"],
  };
  const WORDS = {
    "passed": "kept", "failed": "broken", "error": "the clause could not be carried out", "not applicable": "not applicable",
  };
  // Where a place of the combination plays no part in a clause there is no cell.
  const IDLE = { verdict: "not applicable", reason: "a place of this combination plays no part" };
  const known = new Map(doc.cells.map(cell => [cell.combination + "/" + cell.clause, cell]));
  const cells = { get: name => known.get(name) || IDLE };
  const names = doc.combinations.map(combination => combination.name);
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
    return combinations.some(name => LOOK[cells.get(name + "/" + clause.id).verdict][0] === shown);
  }

  function render() {
    const { combination, family, clause } = chosen();
    const combinations = combination === null ? names : [combination];
    const families = family === null ? doc.families : [family];
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
      if (families.length > 1) {
        sections.push(h("h3", {}, h("span", { class: "prefix" }, row.prefix), row.title));
      }
      sections.push(h("div", { class: "clauses" },
        visible.map(entry => clauseElement(entry, combinations, combination, isOpen(entry, clause, combination, visible)))));
    }
    if (count === 0) sections.push(h("p", { class: "note" }, "No clause matches."));
    detail.replaceChildren(...heading(combination, family, combinations, families), ...sections);
  }

  function isOpen(entry, clause, combination, visible) {
    if (clause !== null) return entry === clause;
    // In a chosen combination what broke is what the reader came for; more than a few would bury it.
    const broken = candidate => LOOK[cells.get(combination + "/" + candidate.id).verdict][0] === "bad";
    return combination !== null && broken(entry) && visible.filter(broken).length <= 3;
  }

  function heading(combination, family, combinations, families) {
    const ids = families.flatMap(row => row.clauses.map(entry => entry.id));
    const tally = { good: 0, bad: 0, none: 0 };
    for (const name of combinations) for (const id of ids) tally[LOOK[cells.get(name + "/" + id).verdict][0]]++;
    const what = { all: "All clauses", bad: "Broken promises", none: "Clauses that are not applicable" }[show];
    const title = (family === null ? what : family.title)
      + (combination === null ? "" : " in " + combination);
    const counts = [tally.good + " kept"];
    if (tally.bad > 0) counts.push(tally.bad + " broken");
    if (tally.none > 0) counts.push(tally.none + " not applicable");
    const back = combination !== null || family !== null ? [" · ", h("a", { href: "#" }, "show everything")] : [];
    return [h("h2", {}, title), h("p", { class: "sub" }, counts.join(", "), back)];
  }

  function worst(entry, combinations) {
    const verdicts = combinations.map(name => cells.get(name + "/" + entry.id).verdict);
    for (const verdict of ["failed", "error", "passed"]) if (verdicts.includes(verdict)) return verdict;
    return "not applicable";
  }

  function clauseElement(entry, combinations, combination, open) {
    const verdict = worst(entry, combinations);
    const [look, symbol] = LOOK[verdict];
    const cell = combination === null ? null : cells.get(combination + "/" + entry.id);
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
    return h("span", { class: "strip" }, names.map(name => {
      const verdict = cells.get(name + "/" + entry.id).verdict;
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
    const facts = [h("dt", {}, "Source"), h("dd", {}, entry.source), h("dt", {}, "Needs"), h("dd", {}, needs)];
    if (combination === null) {
      facts.push(h("dt", {}, "Results"), h("dd", {}, h("ul", { class: "results" }, names.map(name => result(entry, name)))));
    } else {
      const cell = cells.get(combination + "/" + entry.id);
      facts.push(h("dt", {}, "Result"), h("dd", {}, WORDS[cell.verdict] + (cell.reason ? ": " + cell.reason : "")));
      if (cell.cost) facts.push(h("dt", {}, "Cost"), h("dd", {}, cost(cell.cost)));
    }
    const failures = combinations.map(name => cells.get(name + "/" + entry.id)).filter(cell => cell.failure);
    // One failure is shown whole; of several, each is one click away.
    const shown = combination !== null || failures.length === 1 ? failures : [];
    return h("div", { class: "body" }, h("dl", {}, facts), shown.map(cell => failure(cell)));
  }

  function result(entry, name) {
    const cell = cells.get(name + "/" + entry.id);
    const [look, symbol] = LOOK[cell.verdict];
    return h("li", { class: look },
      h("span", { class: "symbol", "aria-label": cell.verdict }, symbol),
      h("a", { href: link(name, entry.id) }, name),
      h("span", { class: "why" }, cell.reason || (cell.failure ? cell.failure.message : cost(cell.cost))));
  }

  function cost(cost) {
    const time = cost.micros < 1000 ? cost.micros + " µs" : (cost.micros / 1000).toFixed(1) + " ms";
    const calls = cost.hypercalls + (cost.hypercalls === 1 ? " hypercall" : " hypercalls");
    return `${calls}, ${cost.loads} loads, ${cost.stores} stores, ${time}`;
  }

  function failure(cell) {
    const { message, comparison, location, trace, steps, states, replay } = cell.failure;
    return h("article", { class: "failure" },
      h("header", {},
        h("p", { class: "message" }, comparison ? comparison.what : message),
        h("p", { class: "where" }, cell.combination + "  ·  " + location)),
      comparison ? h("div", { class: "compare" },
        h("span", {}, "expected"), h("b", {}, comparison.expected), h("span", {}, "got"), h("b", {}, comparison.got)) : null,
      trace.length === 0 ? null : [h("h4", {}, "Thrown"), h("ol", { class: "steps" }, h("pre", {}, trace.join("\n")))],
      steps.length === 0 ? null
        : [h("h4", {}, "Steps"), h("ol", { class: "steps" }, steps.map((step, n) => stepElement(step, n === steps.length - 1)))],
      h("div", { class: "states" }, states.map(state => h("section", {},
        h("h4", {}, state.domid < 0 ? state.role : `State of d${state.domid}, the ${state.role}`),
        h("pre", { tabindex: "0" }, state.text)))),
      h("div", { class: "again" }, "Again: ", h("code", {}, replay)));
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

  // ---- the grid

  function mark(combination, family) {
    const wanted = combination === null && family === null ? null : link(combination, family === null ? null : family.prefix);
    for (const element of grid.querySelectorAll("a")) {
      if (element.getAttribute("href") === wanted) element.setAttribute("aria-current", "true");
      else element.removeAttribute("aria-current");
    }
    for (const row of grid.querySelectorAll("tr[data-family]")) {
      const clauses = doc.families.find(candidate => candidate.prefix === row.dataset.family).clauses;
      row.classList.toggle("away", !clauses.some(entry => matches(entry, names, "all")));
    }
  }

  grid.addEventListener("keydown", event => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const field = event.target.closest("td, th");
    if (!step || !field) return;
    const row = grid.rows[field.parentElement.rowIndex + step[0]];
    const target = row && row.cells[field.cellIndex + step[1]];
    const anchor = target && target.querySelector("a");
    if (anchor) { anchor.focus(); event.preventDefault(); }
  });

  // ---- the tools

  filter.addEventListener("input", render);
  for (const button of choices) {
    button.addEventListener("click", () => {
      show = button.dataset.show;
      render();
    });
  }
  document.addEventListener("keydown", event => {
    if (event.key === "/" && document.activeElement !== filter) { filter.focus(); event.preventDefault(); }
    if (event.key === "Escape") {
      filter.value = "";
      show = "all";
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
