import { renderSessionInfo } from "@perspective-session-info/panel";

renderSessionInfo(document.querySelector("#sessions"), [
  { id: "one", username: "billy", project: "MyProject", sessionScope: "browser", pageIds: ["a", "b"] },
  { id: "two", username: "maria", project: "OtherProject", sessionScope: "designer", pageIds: ["c"] },
], { selection: "one" });
