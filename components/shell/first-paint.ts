/** Runs before the first paint, as text in the page: the same rule as theme.ts#applyAppearance. */
export const firstPaintScript = `try{var m=localStorage.getItem("atelier:mode"),d=m?m==="dark":matchMedia("(prefers-color-scheme: dark)").matches;
document.body.classList.toggle("awsui-dark-mode",d);document.documentElement.style.colorScheme=d?"dark":"light";
document.body.classList.toggle("awsui-compact-mode",localStorage.getItem("atelier:density")==="compact")}catch(e){}`;
