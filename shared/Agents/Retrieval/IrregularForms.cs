using System.Collections.Frozen;

namespace AiOs.Agents.Retrieval;

/// <summary>Forms of English words that no rule of a stemmer takes back: "broke" is "break", "children" are a "child". Forms that are as often words of their own ("saw", "rose", "leaves") are left out.</summary>
static class IrregularForms
{
    const string Table =
        "break: broke broken; fall: fell fallen; steal: stole stolen theft thief thieves; lose: lost loss losses; pay: paid; send: sent; get: got gotten; go: went gone; come: came; leave: left; take: " +
        "took taken; give: gave given; write: wrote written; bite: bitten; freeze: froze frozen; make: made; buy: bought; sell: sold; find: found; feel: felt; keep: kept; build: built; tell: told; " +
        "hold: held; think: thought; bring: brought; catch: caught; choose: chose chosen choice; drive: drove driven; eat: ate eaten; fly: flew flown; grow: grew grown; know: knew known; ride: rode " +
        "ridden; rise: risen; see: seen; shake: shook shaken; speak: spoke spoken; swim: swam swum; tear: tore torn; throw: threw thrown; wear: wore worn; wake: woke woken; begin: began begun; drink: " +
        "drank drunk; ring: rang; sink: sank sunk; run: ran; blow: blew blown; draw: drew drawn; forget: forgot forgotten; hide: hid hidden; mean: meant; meet: met; say: said; sit: sat; sleep: slept; " +
        "spend: spent; stand: stood; teach: taught; win: won; bend: bent; bleed: bled; burn: burnt; dig: dug; feed: fed; fight: fought; forgive: forgave forgiven; lay: laid; lend: lent; learn: " +
        "learnt; prove: proven; seek: sought; spill: spilt; spring: sprang sprung; stick: stuck; strike: struck; swear: swore sworn; child: children; person: people; man: men; woman: women; foot: " +
        "feet; tooth: teeth; mouse: mice; knife: knives; half: halves ";

    static readonly FrozenDictionary<string, string> Bases = Table.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .SelectMany(row => row.Split(':') is [var word, var forms] ? forms.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(form => KeyValuePair.Create(form, word)) : [])
        .ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The word that <paramref name="word"/> (lower case) is a form of; itself where it is regular.</summary>
    public static string BaseOf(string word) => Bases.GetValueOrDefault(word, word);
}
