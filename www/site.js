// The page can be copied from as it stands: it names the gateway that it came from.
for (const element of document.querySelectorAll("[data-gateway]")) {
  element.textContent = new URL(".", location.href).href.slice(0, -1);
}
