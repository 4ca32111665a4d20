using System.Numerics.Tensors;

namespace AiOs.Agents.Retrieval.Ranking;

/// <summary>Finds the highest of many scores. What is negative infinity is not there.</summary>
static class Best
{
    /// <summary>So many are passed over at once where none of them is high enough.</summary>
    const int Block = 128;

    /// <summary>The best, best first; at equal scores the earlier one.</summary>
    public static List<(int Passage, float Score)> Of(ReadOnlySpan<float> scores, int top)
    {
        var heap = new PriorityQueue<(int Passage, float Score), (float Score, int Passage)>(top + 1);
        var least = float.NegativeInfinity;
        for (var from = 0; from < scores.Length; from += Block)
        {
            var block = scores.Slice(from, Math.Min(Block, scores.Length - from));
            if (TensorPrimitives.Max(block) <= least)
                continue;
            for (var i = 0; i < block.Length; i++)
                if (block[i] > least)
                {
                    heap.Enqueue((from + i, block[i]), (block[i], -(from + i)));
                    if (heap.Count > top)
                        heap.Dequeue();
                    if (heap.Count == top && heap.TryPeek(out _, out var worst))
                        least = worst.Score;
                }
        }

        var order = new List<(int, float)>(heap.Count);
        while (heap.TryDequeue(out var found, out _))
            order.Add(found);
        order.Reverse();
        return order;
    }

    /// <summary>All from <paramref name="least"/> on, in their order.</summary>
    public static List<(int Passage, float Score)> Above(ReadOnlySpan<float> scores, float least)
    {
        List<(int, float)> found = [];
        for (var from = 0; from < scores.Length; from += Block)
        {
            var block = scores.Slice(from, Math.Min(Block, scores.Length - from));
            if (TensorPrimitives.Max(block) < least)
                continue;
            for (var i = 0; i < block.Length; i++)
                if (block[i] >= least)
                    found.Add((from + i, block[i]));
        }

        return found;
    }
}
