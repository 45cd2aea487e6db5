// How the mini-program calls what the service answers.

const ZONE = "Asia/Shanghai";
const day = new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, month: "long", day: "numeric" });
const weekday = new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, weekday: "short" });
const clock = new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** 20:05 */
export const sayClock = (at) => clock.format(new Date(at));

/** 11月22日（周日）20:05 */
export const sayMoment = (at) => `${day.format(new Date(at))}（${weekday.format(new Date(at))}）${sayClock(at)}`;

/** 11月22日（周日）20:00到23:00 */
export const sayPeriod = (from, to) => `${sayMoment(from)}到${sayClock(to)}`;

/** Into the words of a place where there is a distance. */
export function sayDistance(metres) {
  if (metres === null || metres === undefined) return "没有记位置";
  return metres < 1000 ? `离教室约${metres}米` : `离教室约${(metres / 1000).toFixed(1)}公里`;
}

const FLAGS = {
  far: "离教室远，老师会看到",
  no_place: "没有位置，老师会看到",
  no_device: "不知道是哪部手机",
  offline: "没有网络时签的，等老师确认",
  by_hand: "老师登记的",
  paper: "按纸质签到表登记的",
  no_in: "没有签到，只有签退",
};

/** Each in words; a flag that is new here as it is called. */
export const sayFlags = (flags) => flags.map((flag) => FLAGS[flag] ?? flag);

const STATES = {
  counted: ["算数", "good"],
  pending: ["等老师确认", "warn"],
  refused: ["老师没有认可，不算", "bad"],
  lapsed: ["没有人确认，不算", "bad"],
  replaced: ["后来又签了，不算这条", "bad"],
};

/** [words, kind of mark] */
export const sayState = (state) => STATES[state] ?? [state, "warn"];

const CHANNELS = { mini: "小程序", chat: "公众号", teacher: "老师登记", paper: "纸质签到表" };
export const sayChannel = (channel) => CHANNELS[channel] ?? channel;

export const sayKind = (kind) => (kind === "out" ? "签退" : "签到");

const ENROLMENTS = { applied: "报了名，等机构确认", confirmed: "已确认", withdrawn: "已退出", completed: "已结业" };
const CLASSES = {
  recruiting: "招生中", filed: "已报备案", returned: "备案退回，在改", approved: "备案同意了", open: "正在上课",
  ended: "课上完了", archived: "已归档", cancelled: "不办了",
};
export const sayEnrolment = (status) => ENROLMENTS[status] ?? status;
export const sayClass = (status) => CLASSES[status] ?? status;
