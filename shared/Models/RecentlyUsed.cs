using System.Collections.Concurrent;

namespace AiOs.Models;

/// <summary>Remembers what was computed for recent texts, in two generations: what is asked for again moves to the young one; when that is full it becomes the old one
/// and the old one is forgotten. Between <paramref name="most"/> and twice as many entries, no locks; two callers may compute the same value once each.</summary>
public sealed class RecentlyUsed<TValue>(int most) where TValue : class
{
    ConcurrentDictionary<string, TValue> young = new(StringComparer.Ordinal);
    ConcurrentDictionary<string, TValue> old = new(StringComparer.Ordinal);

    /// <summary>The remembered value, or null.</summary>
    public TValue? Find(string text)
    {
        if (young.TryGetValue(text, out var value)) return value;
        if (!old.TryGetValue(text, out value)) return null;
        Keep(text, value);
        return value;
    }

    /// <summary>Remembers a value.</summary>
    public void Keep(string text, TValue value)
    {
        if (young.Count >= most) (old, young) = (young, new(StringComparer.Ordinal));
        young[text] = value;
    }

    /// <summary>The remembered value, or the one that <paramref name="make"/> makes.</summary>
    public TValue GetOrMake(string text, Func<string, TValue> make)
    {
        if (Find(text) is { } value) return value;
        value = make(text);
        Keep(text, value);
        return value;
    }
}
