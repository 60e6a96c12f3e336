"""Each recorded action in the office's words. A guard test holds this table against the source: an action without words fails.

Names are `<subject>.<verb>`; the subject's word groups them in the filter of the page.
"""

SUBJECTS = {
    "organisations": "机构", "persons": "人员档案", "postings": "任岗", "employment": "劳动关系", "certificates": "证书学历",
    "roster": "花名册", "roles": "账号与角色", "facts": "事实台账", "policy": "年度结果与政策包", "pay": "月度工资",
    "rights": "诉求与权益", "tokens": "接口令牌", "exchange": "接口", "webhooks": "接口通知", "notices": "通知", "keys": "密钥",
    "access": "登录与本人数据", "rehearsal": "推演", "erasure": "个人信息删除",
    "assistant": "问答助手", "demo": "演示", "audit": "审计",
}  # fmt: skip

ACTIONS = {
    "organisations.add": "添加机构", "organisations.close": "撤销机构", "organisations.load": "载入机构树",
    "organisations.merge": "合并机构", "organisations.move": "划转机构", "organisations.rename": "机构更名",
    "organisations.split": "拆分机构",
    "persons.add": "新增人员", "persons.merge": "合并重复档案", "persons.settle": "核定重复档案", "persons.unmerge": "撤销合并",
    "persons.update": "修改人员信息",
    "postings.assign": "任岗", "postings.end": "离岗",
    "employment.begin": "建立劳动关系", "employment.end": "结束劳动关系", "employment.hold_grade": "核定薪酬等级",
    "employment.set_status": "变更人员状态",
    "certificates.add": "登记证书", "certificates.add_schooling": "登记学历", "certificates.renew": "证书续期",
    "roster.apply": "导入花名册",
    "roles.open_account": "开通账号", "roles.hand_out_password": "重设密码", "roles.deactivate": "停用账号",
    "roles.reactivate": "恢复账号", "roles.grant": "授予角色", "roles.end_sessions": "结束账号的登录", "roles.end": "收回角色",
    "facts.record_many": "登记事实", "facts.correct": "更正事实", "facts.withdraw": "撤回事实",
    "facts.import.submit": "提交导入文件", "facts.import.check": "核对导入文件", "facts.import.apply": "确认导入",
    "facts.import.fail": "导入文件未能读取", "facts.import.give_up": "放弃导入", "facts.import.forget": "清除导入文件内容",
    "facts.import.marked": "下载标注后的文件", "facts.words.add": "添加表头词", "facts.words.remove": "删除表头词",
    "policy.adopt": "选用政策包", "policy.compute": "计算年度结果", "policy.mark": "复核标记", "policy.submit": "提交审核",
    "policy.return": "退回", "policy.sign": "签署", "policy.publish": "公布",
    "policy.upload_pack": "上传政策包", "policy.propose_pack": "拟用政策包", "policy.submit_pack": "提交政策包",
    "policy.return_pack": "退回政策包", "policy.release_pack": "发布政策包", "policy.withdraw_pack": "撤回政策包",
    "pay.compute": "计算月度工资", "pay.close": "月度工资关账",
    "rights.claim.file": "提出诉求", "rights.claim.assign": "指派诉求", "rights.claim.withdraw": "撤回诉求",
    "rights.claim.answer": "答复诉求", "rights.claim.review": "申请复核", "rights.claim.correct": "更正完成",
    "rights.claim.close": "办结诉求", "rights.claim.conflict": "诉求重复提交内容不同", "rights.claim.correction": "登记诉求的更正",
    "rights.claim.terms": "补定诉求期限",
    "rights.proposal.propose": "拟议处置", "rights.proposal.inform": "处置建议告知本人", "rights.proposal.hear": "听取陈述",
    "rights.proposal.tick": "核对法定前提", "rights.proposal.confirm": "确认处置建议", "rights.proposal.drop": "不采纳处置建议",
    "rights.proposal.revoke": "撤销处置建议",
    "tokens.make": "发放接口令牌", "tokens.revoke": "收回接口令牌", "exchange.key_conflict": "接口重复提交内容不同",
    "webhooks.register": "登记接口通知地址", "webhooks.again": "重发接口通知", "webhooks.stop": "停用接口通知地址",
    "keys.rotate": "更换加密密钥", "keys.retire": "停用旧密钥", "access.export": "导出本人全部数据",
    "access.login": "登录", "access.login_failed": "登录失败", "access.end_session": "结束登录",
    "erasure.ask": "申请删除个人信息", "erasure.confirm": "确认删除个人信息", "erasure.drop": "不予删除个人信息",
    "erasure.carry_out": "删除个人信息", "erasure.again": "恢复备份后再次删除个人信息",
    "erasure.hold": "已确认的删除没有执行",
    "rehearsal.make": "开始推演", "rehearsal.begin": "推演开始计算", "rehearsal.finish": "推演完成", "rehearsal.fail": "推演未完成",
    "rehearsal.cancel": "取消推演", "rehearsal.adopt": "推演的改动拟为政策包修订",
    "rehearsal.study.make": "提出专题研究", "rehearsal.study.begin": "专题研究开始计算", "rehearsal.study.finish": "专题研究完成",
    "rehearsal.study.fail": "专题研究未完成", "rehearsal.study.cancel": "取消专题研究",
    "assistant.forget": "清除过期的提问", "assistant.hand_over": "提问转人工", "assistant.take": "接手提问", "assistant.put_back": "放回提问",
    "assistant.answer": "答复提问", "assistant.close": "关闭提问",
    "assistant.card.draft": "拟知识卡", "assistant.card.submit": "提交知识卡", "assistant.card.return": "退回知识卡",
    "assistant.card.release": "发布知识卡", "assistant.card.withdraw": "撤回知识卡", "assistant.city": "填写因地而异的值",
    "assistant.evaluate": "开始评测", "assistant.evaluate.begin": "评测开始计算", "assistant.evaluate.finish": "评测完成",
    "assistant.evaluate.fail": "评测未完成", "assistant.evaluate.cancel": "取消评测", "assistant.learn.leave": "提问不归社区管",
    "demo.load": "载入演示数据",
}  # fmt: skip

# What actions note beside the fields of their row: label of the detail page.
NOTED = {
    "note": "说明", "state": "状态", "results": "结果指纹", "people": "人数", "reason": "理由", "superseded_by": "改由这条代替",
    "kind": "种类", "fine": "无异议", "comment": "意见", "file": "文件", "files": "附件指纹", "sha256": "文件指纹", "number": "编号",
    "level": "级别", "text": "内容", "condition": "条件", "met": "是否满足", "due_on": "答复期限", "hearing_on": "听取意见日",
    "fact": "更正的事实", "year": "年度", "month": "月份", "operation": "操作", "key": "提交编号", "outcome": "结果",
    "diffs": "改动", "source": "来源", "on": "日期", "today": "日期", "kept": "保留的档案", "dropped": "并入的档案", "moved": "移过来的",
    "left": "留下的", "into": "并入", "name": "名称", "change": "机构变更", "posts": "随之变动的岗位", "keep": "保留的代码", "code": "代码",
    "accepted": "接受", "unchanged": "未变", "refused": "退回", "added": "新增", "updated": "更新", "corrected": "更正",
    "pack": "政策包", "seconds": "用时（秒）", "run": "计算编号", "exceptions": "例外", "persons": "档案编号", "rows": "清空的行数",
    "id": "编号", "identity": "事实指纹", "digest": "内容指纹", "merged_into": "并入的档案",
}  # fmt: skip


def words_of(action: str) -> str:
    """The action in words; one that has none yet by its subject and its name."""
    subject, _, verb = action.partition(".")
    return ACTIONS.get(action) or f"{SUBJECTS.get(subject, subject)}（{verb}）"


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Choices of the filter: a subject as a whole, then each of its actions."""
    groups = []
    for subject, word in SUBJECTS.items():
        own = [(name, words) for name, words in ACTIONS.items() if name.startswith(f"{subject}.")]
        if own:
            groups.append((word, [(f"{subject}.", f"{word}：全部"), *own]))
    return groups
