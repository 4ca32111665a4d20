// The same work as bench/Http/OrderFunctions.cs: three durable steps one after the other, whose results are the answer.
// A plain handler, not a keyed workflow: it is the cheaper of the two for Restate.
import * as restate from "@restatedev/restate-sdk";

const receipt = (step, order) => `${step} ${order}`;

const orders = restate.service({
  name: "orders",
  handlers: {
    fulfil: async (ctx, { order }) => {
      const reserved = await ctx.run("reserve", () => receipt("reserve", order));
      const charged = await ctx.run("charge", () => receipt("charge", order));
      const shipped = await ctx.run("ship", () => receipt("ship", order));
      return { order, receipts: [reserved, charged, shipped] };
    },
  },
});

export const endpoint = restate.createEndpointHandler({ services: [orders] });
