// What the official client of OpenAI makes of the gateway: one JSON object with everything that it saw.
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: process.env.API_KEY, maxRetries: 0 });
const messages = [{ role: 'user', content: 'Write to ada.lovelace@analytical.example, please.' }];
const seen = {};

const chat = await client.chat.completions.create({ model: 'support', messages });
seen.chat = { model: chat.model, content: chat.choices[0].message.content, tokens: chat.usage.total_tokens };

const stream = await client.chat.completions.create({ model: 'support', messages, stream: true, stream_options: { include_usage: true } });
seen.stream = { content: '', finish: null, tokens: 0 };
for await (const piece of stream) {
  seen.stream.content += piece.choices[0]?.delta?.content ?? '';
  seen.stream.finish = piece.choices[0]?.finish_reason ?? seen.stream.finish;
  seen.stream.tokens = piece.usage?.total_tokens ?? seen.stream.tokens;
}

const vectors = await client.embeddings.create({ model: 'sentences', input: ['How are you?', 'Where is my card?'] });
seen.embeddings = vectors.data.map((item) => item.embedding.length);
seen.models = [];
for await (const model of client.models.list()) seen.models.push(model.id);
seen.model = (await client.models.retrieve('support')).id;

const failure = async (work) => {
  try {
    await work();
    return null;
  } catch (e) {
    return { kind: e.constructor.name, status: e.status, code: e.code, param: e.param };
  }
};
const other = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: 'aios_nobody', maxRetries: 0 });
seen.errors = {
  unknown: await failure(() => client.chat.completions.create({ model: 'nobody', messages })),
  empty: await failure(() => client.chat.completions.create({ model: 'support', messages: [] })),
  key: await failure(() => other.models.list()),
  broken: await failure(async () => {
    for await (const piece of await client.chat.completions.create({ model: 'breaking', messages, stream: true })) void piece;
  }),
};
console.log(JSON.stringify(seen));
