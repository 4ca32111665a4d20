namespace AiOs.Security;

/// <summary>Remembers at most <paramref name="capacity"/> strings, the most recently added half for certain.</summary>
sealed class RecentSet(int capacity)
{
    readonly Lock gate = new();
    HashSet<string> young = new(StringComparer.Ordinal);
    HashSet<string> old = new(StringComparer.Ordinal);

    public bool Contains(string item)
    {
        lock (gate) return young.Contains(item) || old.Contains(item);
    }

    public void Add(string item)
    {
        lock (gate)
        {
            if (young.Count >= capacity / 2) (old, young) = (young, new HashSet<string>(StringComparer.Ordinal));
            young.Add(item);
        }
    }
}
