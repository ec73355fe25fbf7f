// The page can be copied from as it stands: it names the gateway that it came from.
for (const element of document.querySelectorAll("[data-origin]")) {
  element.textContent = location.origin;
}
