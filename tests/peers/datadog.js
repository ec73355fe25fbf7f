// Datadog RUM, as its README sets it up, and connected to traces, as its documentation has it for the page's own API.

import { datadogRum } from "@datadog/browser-rum";

datadogRum.init({
  applicationId: "00000000-0000-4000-8000-000000000000",
  clientToken: "a client's token",
  site: "datadoghq.com",
  proxy: `${document.currentScript.dataset.collector}/datadog`,
  service: "a-page",
  sessionSampleRate: 100,
  sessionReplaySampleRate: 100,
  trackResources: true,
  trackLongTasks: true,
  trackUserInteractions: true,
  allowedTracingUrls: [location.origin],
});
