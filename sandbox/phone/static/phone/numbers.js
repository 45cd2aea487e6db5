// Numbers among Chinese words stand without spaces: 第1次, 12毫秒.

const BEFORE = /(?<=[\p{Script=Han}，。；：、（“])[ \u00a0]+(?=\d)/gu;
/** A code of five digits stands apart from the words that explain it. */
const BEHIND = /(?<=\d)(?<!\d{5})[ \u00a0]+(?=[\p{Script=Han}，。；：、）”])/gu;

/** Words of the sandbox's own, never what somebody has said. */
export const tidy = (words) => (words ?? "").replace(BEFORE, "").replace(BEHIND, "");
