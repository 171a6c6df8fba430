namespace Handrail.Audit;

/// <summary>The audit trail did not take a unit's records.</summary>
/// <param name="tightens">True when all of them tell of what tightens.</param>
internal sealed class UnwrittenRecordException(bool tightens, Exception? failure) : Exception("The audit trail can't be written.", failure)
{
    public bool Tightens { get; } = tightens;
}
