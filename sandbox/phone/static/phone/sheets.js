// The sheets of the bar below a chat. Each resolves to the act to send, or undefined.

import { avatar, button, h } from "./dom.js";
import { openSheet } from "./dialogs.js";

/** A form of one field with a button; `make(value)` gives the act. */
function field(close, { label, value = "", send, make, rows = 0, attributes = {} }) {
  const input = h(rows ? "textarea" : "input", { value, rows: rows || null, ...attributes });
  const submit = (event) => {
    event.preventDefault();
    if (input.value.trim()) close(make(input.value));
    else input.focus();
  };
  return h("form", { onsubmit: submit }, h("label", {}, label, input), h("button", { class: "main" }, send));
}

export function speak(phone) {
  return openSheet({ title: "发送语音", phone }, (close) => [
    h("p", { class: "soft" }, "这里不录音。写下这段话说了什么，就是微信认出来的字。"),
    field(close, { label: "说了什么", value: "以工代训补贴一个月多少钱", send: "发送语音", rows: 2,
      make: (words) => ({ kind: "voice", recognition: words.trim() }) }),
    button("没听清（微信没认出字）", () => close({ kind: "voice", recognition: "" }), { class: "plain wide" }),
  ]);
}

export function scan(phone) {
  return openSheet({ title: "扫一扫", phone }, (close) => [
    h("p", { class: "soft" }, "写下二维码里的场景值，例如一次课的码。"),
    field(close, { label: "场景值", value: "class-1", send: "扫这个码", attributes: { maxlength: 64, autocomplete: "off" },
      make: (scene) => ({ kind: "scan", scene: scene.trim() }) }),
  ]);
}

const SAMPLE = `<xml>
  <ToUserName><![CDATA[TO]]></ToUserName>
  <FromUserName><![CDATA[FROM]]></FromUserName>
  <CreateTime>1795968000</CreateTime>
  <MsgType><![CDATA[text]]></MsgType>
  <Content><![CDATA[你好]]></Content>
  <MsgId>24000000000000001</MsgId>
</xml>`;

export function writeXml({ original_id: to }, openid, phone) {
  return openSheet({ title: "原始 XML", phone }, (close) => [
    h("p", { class: "soft" }, "写什么就送什么：照样加密、签名、送到服务，看它怎么接。"),
    field(close, { label: "XML", value: SAMPLE.replace("TO", to ?? "gh_").replace("FROM", openid), send: "加密并送出", rows: 10,
      attributes: { class: "code", spellcheck: "false" }, make: (xml) => ({ kind: "raw", xml }) }),
  ]);
}

/** The sheet by which somebody allows messages of a template, as the platform shows it. */
export function consent(templates, account, phone) {
  const offered = templates.filter((one) => one.kind !== "template");
  return openSheet({ title: "订阅消息", phone }, (close) => {
    if (!offered.length) return h("p", { class: "soft" }, "服务还没有订阅消息的模板。");
    const boxes = offered.map((one, index) => h("label", { class: "consent" },
      h("input", { type: "radio", name: "consent", value: one.id, checked: index === 0 }),
      h("span", {}, h("strong", {}, one.account === "mini" ? `${one.title}（小程序）` : one.title), h("span", { class: "soft" }, Object.values(one.fields ?? {}).join("、")))));
    const answer = (accept, event) => {
      const taken = event.target.closest(".sheet-body").querySelector("input:checked").value;
      const { account: of = "official" } = offered.find((one) => one.id === taken);
      close({ kind: "consent", template_id: taken, accept, account: of });
    };
    return [
      h("p", { class: "asks" }, avatar(account, "theirs small"), h("span", {}, `${account} 想给您发一次这样的消息：`)),
      h("fieldset", { class: "consents" }, h("legend", { class: "hidden" }, "哪一种消息"), boxes),
      h("div", { class: "buttons" }, button("拒绝", (event) => answer(false, event), { class: "plain" }),
        button("允许", (event) => answer(true, event), { class: "main" })),
    ];
  });
}
