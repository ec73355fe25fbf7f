// Sentry with performance tracing, as its quick start sets it up.

import { browserTracingIntegration, init } from "@sentry/browser";

const collector = new URL(document.currentScript.dataset.collector);

init({
  dsn: `${collector.protocol}//key@${collector.host}/sentry/1`,
  integrations: [browserTracingIntegration()],
  tracesSampleRate: 1,
});
