/** The channels of each benefit: the closed sign, and the hours. */

import { html, nothing, type TemplateResult } from "lit-html";
import type { ChannelView, Position } from "../api/decisions.js";
import type { Context, Section } from "../context.js";
import { changeLine, time } from "../view/parts.js";

const AGAIN_MS = 5_000;
const POSITIONS: readonly Position[] = ["scheduled", "open", "closed"];

export class ChannelsSection implements Section {
  readonly #context: Context;
  #channels: readonly ChannelView[] | null = null;
  #isAway = false;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(context: Context) {
    this.#context = context;
  }

  readonly enter = (): void => {
    this.leave();
    void this.#read();
    this.#timer = setInterval(() => {
      if (document.visibilityState === "visible") void this.#read();
    }, AGAIN_MS);
  };

  readonly leave = (): void => clearInterval(this.#timer);

  readonly view = (): TemplateResult => {
    const { texts } = this.#context;
    const channels = this.#channels;
    return html`<h2 class="visually-hidden">${texts.nav.channels}</h2>
      <p class="lead">${texts.channels.lead}</p>
      ${this.#isAway ? html`<div class="callout warning"><p>${texts.channels.away}</p></div>` : nothing}
      ${channels === null
        ? html`<p class="text-secondary">${texts.connecting}</p>`
        : [...new Set(channels.map(({ benefit }) => benefit))].map((id) =>
            this.#benefit(channels.filter(({ benefit }) => benefit === id)),
          )}`;
  };

  async #read(): Promise<void> {
    const answer = await this.#context.client.read<{ items: readonly ChannelView[] }>("/v1/channels");
    this.#isAway = answer.kind !== "ok";
    if (answer.kind === "ok") this.#channels = answer.body.items;
    this.#context.refresh();
  }

  #benefit(channels: readonly ChannelView[]): TemplateResult {
    const [first] = channels;
    if (first === undefined) return html``;
    return html`<section class="channels" aria-labelledby=${`channels-${first.benefit}`}>
      <h3 id=${`channels-${first.benefit}`}>${first.title}</h3>
      <div class="channel-cards">${channels.map((channel) => this.#channel(channel))}</div>
    </section>`;
  }

  #channel(channel: ChannelView): TemplateResult {
    const { texts } = this.#context;
    const words = texts.channels;
    const name = texts.channelNames[channel.channel];
    return html`<article class="it-card channel" aria-label=${`${channel.title}, ${name}`}>
      <header>
        <h4>${name}</h4>
        <span class=${`status ${channel.open ? "status-success" : "status-warning"}`}>
          ${channel.open ? words.isOpen : words.isClosed}
        </span>
      </header>
      <p>
        ${words.positions[channel.position]}${channel.opens_at === undefined || channel.open
          ? nothing
          : html`; ${words.opensAt} ${time(this.#context, channel.opens_at)}`}
      </p>
      ${changeLine(this.#context, channel.changed)}
      <p class="btn-group-actions">
        ${POSITIONS.filter((position) => position !== channel.position).map(
          (position) =>
            html`<button
              class=${`btn btn-sm ${position === "closed" ? "btn-outline-danger" : "btn-outline-primary"}`}
              type="button"
              @click=${() => this.#ask(channel, position)}
            >
              ${words.acts[position]}<span class="visually-hidden">: ${channel.title}, ${name}</span>
            </button>`,
        )}
      </p>
    </article>`;
  }

  #ask(channel: ChannelView, position: Position): void {
    const { texts, formats, live } = this.#context;
    const words = texts.channels;
    const name = texts.channelNames[channel.channel];
    const now = live.now?.benefits.find(({ benefit }) => benefit === channel.benefit);
    const rate = now !== undefined && "value" in now.arrivals_per_second ? now.arrivals_per_second.value : null;
    this.#context.ask<ChannelView>({
      title: `${words.acts[position]}: ${channel.title}, ${name}`,
      effects: () => [
        words.effects[position],
        rate === null ? words.effects.rateUnknown : words.effects.rate(formats.rate(rate)),
        words.effects.accepted,
      ],
      act: words.acts[position],
      isDanger: position === "closed",
      method: "PUT",
      path: `/v1/benefits/${encodeURIComponent(channel.benefit)}/channels/${channel.channel}`,
      version: channel.version,
      body: (reason) => ({ position, reason }),
      describe: (current) => words.positions[(current as ChannelView).position],
      done: (changed) => {
        this.#channels = (this.#channels ?? []).map((one) =>
          one.benefit === changed.benefit && one.channel === changed.channel ? changed : one,
        );
        this.#context.refresh();
        this.#context.say(words.done);
      },
    });
  }
}
