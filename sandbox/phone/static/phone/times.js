// Times as people know them from their phones, in the account's own time zone.

const ZONE = "Asia/Shanghai";
const DAY = 86400;
const clock = new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const exact = new Intl.DateTimeFormat("zh-CN", {
  timeZone: ZONE, hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hourCycle: "h23",
});
const day = new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, year: "numeric", month: "numeric", day: "numeric" });

function partsOf(seconds) {
  const parts = {};
  for (const { type, value } of day.formatToParts(seconds * 1000)) parts[type] = value;
  return parts;
}

const sameDay = (one, other) => day.format(one * 1000) === day.format(other * 1000);

/** 今天14:05, 昨天14:05, 11月22日14:05, with the year where it is another one. */
export function sayTime(seconds, now = Date.now() / 1000) {
  const time = clock.format(seconds * 1000);
  if (sameDay(seconds, now)) return `今天${time}`;
  if (sameDay(seconds, now - DAY)) return `昨天${time}`;
  const then = partsOf(seconds);
  const year = then.year === partsOf(now).year ? "" : `${then.year}年`;
  return `${year}${then.month}月${then.day}日${time}`;
}

/** 14:05:09.120 */
export const sayExactly = (seconds) => exact.format(seconds * 1000);

/** 120毫秒, 5.0秒 */
export function sayDuration(milliseconds) {
  return milliseconds < 1000 ? `${Math.round(milliseconds)}毫秒` : `${(milliseconds / 1000).toFixed(1)}秒`;
}

/** 48小时, 7天, 1小时30分钟 */
export function sayLength(seconds) {
  const minutes = Math.round(seconds / 60);
  if (minutes % 1440 === 0 && minutes > 2 * 1440) return `${minutes / 1440}天`;
  const hours = Math.floor(minutes / 60);
  return `${hours ? `${hours}小时` : ""}${minutes % 60 ? `${minutes % 60}分钟` : ""}` || "不到1分钟";
}

/** What the platform's clock says that is `ahead` seconds before ours. */
export function sayAhead(ahead, now = Date.now() / 1000) {
  const then = partsOf(now + ahead);
  return `微信那边的钟拨快了${sayLength(ahead)}，现在是${then.month}月${then.day}日${clock.format((now + ahead) * 1000)}。`;
}
