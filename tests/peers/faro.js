// Grafana Faro with its tracing, as its README and Grafana Cloud's own snippet set it up.

import { getWebInstrumentations, initializeFaro } from "@grafana/faro-web-sdk";
import { TracingInstrumentation } from "@grafana/faro-web-tracing";

initializeFaro({
  url: `${document.currentScript.dataset.collector}/faro`,
  app: { name: "a page", version: "1.0.0" },
  instrumentations: [...getWebInstrumentations({ captureConsole: true }), new TracingInstrumentation()],
});
