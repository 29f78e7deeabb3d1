// What a page can do beyond its HTML: each part works without the others.
import { showClocks } from "./clocks.js";
import { watch } from "./news.js";
import { offerThemes } from "./themes.js";
import "./timeline.js";
import "./belief-chart.js";

offerThemes(document.getElementById("theme"));
showClocks(document.getElementById("clocks"));
watch(document.getElementById("news"));
