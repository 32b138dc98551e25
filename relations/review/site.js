// What is wider than its box scrolls by the keyboard too.
const reach = () => {
  for (const box of document.querySelectorAll(
    "article .table-wrapper, article .output, article pre, article .highlight, .scrolls")) {
    if (box.scrollWidth <= box.clientWidth) box.removeAttribute("tabindex");
    else {
      box.tabIndex = 0;
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", "Wider than the page: scrolls");
    }
  }
};
addEventListener("DOMContentLoaded", reach);
addEventListener("load", reach);
addEventListener("resize", reach);
