// OpenTelemetry's tracing of fetch and XMLHttpRequest, set up as the READMEs of both instrumentations do, with the
// OTLP exporter in place of the console.

import { ZoneContextManager } from "@opentelemetry/context-zone";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { registerInstrumentations } from "@opentelemetry/instrumentation";
import { FetchInstrumentation } from "@opentelemetry/instrumentation-fetch";
import { XMLHttpRequestInstrumentation } from "@opentelemetry/instrumentation-xml-http-request";
import { BatchSpanProcessor, WebTracerProvider } from "@opentelemetry/sdk-trace-web";

const url = `${document.currentScript.dataset.collector}/opentelemetry`;
const provider = new WebTracerProvider({
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url }))],
});
provider.register({ contextManager: new ZoneContextManager() });

/** Takes the instrumentations off again. */
window.disableOpenTelemetry = registerInstrumentations({
  instrumentations: [new FetchInstrumentation(), new XMLHttpRequestInstrumentation()],
});
