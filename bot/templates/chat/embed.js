{#- The one line of other portals. No inline style and nothing evaluated, so that their
    Content-Security-Policy needs to allow our host only: as script-src and as frame-src. -#}
(() => {
  "use strict";
  const ours = new URL(document.currentScript.src).origin;
  if (document.querySelector("motcua-tro-ly")) return;
  const host = document.createElement("motcua-tro-ly");
  const root = host.attachShadow({ mode: "open" });
  const narrow = window.matchMedia("(max-width: 480px), (max-height: 480px)");
  const font = "font:600 16px/1.3 system-ui,Roboto,Arial,sans-serif;color:#fff;";

  function make(kind, style, attributes, text) {
    const element = document.createElement(kind);
    element.style.cssText = style;
    Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
    if (text) element.textContent = text;
    return element;
  }

  const launcher = make("button", `${font}position:fixed;right:16px;bottom:16px;z-index:2147483000;min-height:56px;max-width:calc(100vw - 32px);padding:8px 22px;border:2px solid #fff;border-radius:30px;background:#0b5563;box-shadow:0 2px 12px rgba(0,0,0,.3);cursor:pointer`,
    { type: "button", "aria-haspopup": "dialog", "aria-expanded": "false" }, {{ _("Hỏi Trợ lý Một Cửa") | tojson }});
  const panel = make("div", "display:none", { role: "dialog", "aria-modal": "true", "aria-label": {{ _("Trợ lý Một Cửa") | tojson }} });
  const bar = make("div", `${font}display:flex;flex:none;align-items:center;padding:4px 4px 4px 16px;background:#0b5563`, {});
  const close = make("button", `${font}min-width:64px;min-height:44px;padding:0 12px;border:0;border-radius:8px;background:none;text-decoration:underline;cursor:pointer`,
    { type: "button" }, {{ _("Đóng") | tojson }});
  const frame = make("iframe", "flex:1;width:100%;min-height:0;border:0;background:#f5f3ee",
    { title: {{ _("Trò chuyện với Trợ lý Một Cửa") | tojson }}, sandbox: "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox", referrerpolicy: "origin" });
  const first = make("span", "", { tabindex: "0" });
  const last = make("span", "", { tabindex: "0" });
  bar.append(make("span", "flex:1", {}, {{ _("Trợ lý Một Cửa") | tojson }}), close);
  panel.append(first, bar, frame, last);
  root.append(launcher, panel);

  const tell = (words) => { frame.focus(); frame.contentWindow.postMessage(words, ours); };

  function place() {
    const isOpen = launcher.getAttribute("aria-expanded") === "true";
    const where = narrow.matches ? "top:0;left:0;right:0;bottom:0" : "right:16px;bottom:16px;width:400px;height:640px;max-height:calc(100vh - 32px);border-radius:12px;box-shadow:0 4px 32px rgba(0,0,0,.35)";
    panel.style.cssText = `${isOpen ? "display:flex" : "display:none"};position:fixed;z-index:2147483000;flex-direction:column;overflow:hidden;background:#f5f3ee;${where}`;
    launcher.style.display = isOpen ? "none" : "";
  }

  function show(isOpen) {
    launcher.setAttribute("aria-expanded", String(isOpen));
    place();
    (isOpen ? close : launcher).focus();
    if (!isOpen) return;
    if (frame.src) tell("motcua:dau");
    else frame.src = `${ours}/nhung`;
  }

  launcher.addEventListener("click", () => show(true));
  close.addEventListener("click", () => show(false));
  panel.addEventListener("keydown", (event) => { if (event.key === "Escape") show(false); });
  frame.addEventListener("load", () => tell("motcua:dau"));
  first.addEventListener("focus", () => tell("motcua:cuoi"));
  last.addEventListener("focus", () => close.focus());
  narrow.addListener(place);
  window.addEventListener("message", (event) => {
    if (event.source === frame.contentWindow && event.data === "motcua:dong") show(false);
  });
  const attach = () => document.body.append(host);
  if (document.body) attach();
  else document.addEventListener("DOMContentLoaded", attach);
})();
